//! Classes: the thirty of the `tiny` demo, and some 160 for `demo`.

use std::borrow::Cow;
use std::collections::HashMap;

/// How many people the `demo` size has; chosen.
pub const PEOPLE: i64 = 5_000;

/// A class: college, major, label, and the year of entry or of graduation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// The code of the college.
    pub college: &'static str,
    /// The major in Chinese.
    pub major: &'static str,
    /// The label in Chinese, unique in its college.
    pub label: Cow<'static, str>,
    /// The year of entry (级); `None` where the roster does not tell.
    pub entry_year: Option<i16>,
    /// The year of graduation (届); `None` where the roster does not tell.
    pub graduation_year: Option<i16>,
    /// How many graduated with it; the demo knows fewer of them by name.
    pub headcount: i16,
}

impl Class {
    /// When they left, or should have, four years after they came.
    pub fn leaves(&self) -> i16 {
        self.graduation_year.or(self.entry_year.map(|year| year + 4)).unwrap_or(2000)
    }

    /// The milestone that the class has in `year`, by graduation before entry: the basis
    /// (`graduation` or `entry`) and the years, 10, 20, 30 …
    pub fn milestone(&self, year: i16) -> Option<(&'static str, i16)> {
        let years = |since: Option<i16>| since.map(|since| year - since).filter(|years| *years > 0 && years % 10 == 0);
        years(self.graduation_year)
            .map(|years| ("graduation", years))
            .or_else(|| years(self.entry_year).map(|years| ("entry", years)))
    }
}

const fn class(
    college: &'static str,
    major: &'static str,
    label: &'static str,
    entry_year: Option<i16>,
    graduation_year: Option<i16>,
    headcount: i16,
) -> Class {
    Class { college, major, label: Cow::Borrowed(label), entry_year, graduation_year, headcount }
}

/// The classes of the `tiny` demo. Positions are stable: accounts point to them.
pub const CLASSES: &[Class] = &[
    // Graduated in 2019: the council of A11.
    class("cs", "计算机科学与技术", "计算机2015-1班", Some(2015), Some(2019), 36),
    class("cs", "计算机科学与技术", "计算机2015-2班", Some(2015), Some(2019), 35),
    class("cs", "软件工程", "软件2015-1班", Some(2015), Some(2019), 34),
    class("econ", "经济学", "经济2015-1班", Some(2015), Some(2019), 38),
    class("law", "法学", "法学2015-1班", Some(2015), Some(2019), 33),
    class("mining", "采矿工程", "采矿2015-1班", Some(2015), Some(2019), 30),
    class("survey", "测绘工程", "测绘2015-1班", Some(2015), Some(2019), 32),
    // Graduates in 2020: the council of P5.
    class("cs", "计算机科学与技术", "计算机2016-1班", Some(2016), Some(2020), 37),
    class("econ", "会计学", "会计2016-1班", Some(2016), Some(2020), 40),
    class("ee", "通信工程", "通信2016-1班", Some(2016), Some(2020), 34),
    class("civil", "土木工程", "土木2016-1班", Some(2016), Some(2020), 35),
    // 届 counts from graduation, 级 from entry. The first led the reunions of 2019 (A9).
    class("econ", "经济", "经济69届", Some(1965), Some(1969), 58),
    class("survey", "测量", "测量81级", Some(1981), Some(1985), 36),
    // A milestone in 2019 by graduation.
    class("cs", "计算机科学与技术", "计算机2005-1班", Some(2005), Some(2009), 68),
    class("mech", "机械设计制造及其自动化", "机械2005-1班", Some(2005), Some(2009), 72),
    class("mining", "采矿工程", "采矿85级", Some(1985), Some(1989), 64),
    class("econ", "企业管理", "企管85级", Some(1985), Some(1989), 60),
    class("auto", "工业自动化", "自动化95-1班", Some(1995), Some(1999), 66),
    class("foreign", "英语", "英语95级", Some(1995), Some(1999), 54),
    class("geo", "煤田地质", "地质79届", None, Some(1979), 56),
    // A milestone in 2019 by entry.
    class("survey", "矿山测量", "矿测79级", Some(1979), None, 40),
    class("safety", "安全工程", "安全89级", Some(1989), Some(1993), 38),
    class("civil", "土木工程", "土木99-1班", Some(1999), Some(2003), 42),
    class("math", "信息与计算科学", "信计2009-1班", Some(2009), Some(2013), 33),
    class("chem", "化学工程与工艺", "化工2009-1班", Some(2009), Some(2013), 36),
    // Others.
    class("materials", "材料科学与工程", "材料2010-1班", Some(2010), Some(2014), 34),
    class("arts", "视觉传达设计", "视觉2012-1班", Some(2012), Some(2016), 28),
    class("ee", "电子信息工程", "电信2003-1班", Some(2003), Some(2007), 39),
    class("cs", "计算机及应用", "计算机91级", Some(1991), Some(1995), 37),
    class("ocean", "海洋技术", "海洋2013-1班", Some(2013), Some(2017), 30),
];

/// College, major, the short name in labels, and the first year of entry.
const PROGRAMMES: &[(&str, &str, &str, i16)] = &[
    ("mining", "采矿工程", "采矿", 1952),
    ("geo", "地质工程", "地质", 1958),
    ("mech", "机械工程", "机工", 1958),
    ("survey", "测绘工程", "测绘", 1960),
    ("auto", "电气工程及其自动化", "电气", 1960),
    ("econ", "经济学", "经济", 1960),
    ("civil", "矿井建设", "矿建", 1964),
    ("chem", "应用化学", "应化", 1976),
    ("cs", "计算机科学与技术", "计算机", 1978),
    ("math", "应用数学", "数学", 1978),
    ("safety", "安全工程", "安全", 1982),
    ("econ", "会计学", "会计", 1984),
    ("foreign", "英语", "英语", 1985),
    ("materials", "材料科学与工程", "材料", 1985),
    ("ee", "电子信息工程", "电信", 1985),
    ("law", "法学", "法学", 1993),
    ("cs", "软件工程", "软件", 1999),
    ("arts", "环境设计", "环设", 2001),
    ("econ", "金融学", "金融", 2001),
    ("cs", "网络工程", "网络", 2002),
    ("survey", "地理信息科学", "地信", 2002),
    ("foreign", "日语", "日语", 2003),
    ("auto", "自动化", "自动化", 2003),
    ("ocean", "海洋技术", "海洋", 2008),
];

/// Years of graduation and how many classes of each [`demo_classes`] adds. The first four are the
/// milestones of 2019: with those of [`CLASSES`] a few more than the 43 that came.
const COHORTS: &[(i16, usize)] = &[
    (1979, 4),
    (1989, 10),
    (1999, 12),
    (2009, 14),
    (2019, 18),
    (2020, 12),
    (1983, 4),
    (1986, 5),
    (1993, 6),
    (1996, 6),
    (2002, 7),
    (2005, 8),
    (2012, 8),
    (2014, 8),
    (2016, 8),
];

/// The 160 classes of the `demo` size: [`CLASSES`] in their places, then more, the same each time.
pub fn demo_classes() -> Vec<Class> {
    let mut classes = CLASSES.to_vec();
    for (graduation, count) in COHORTS {
        // Those who graduated in 1979 came in 1976 for three years, all others for four.
        let entry = graduation - if *graduation < 1982 { 3 } else { 4 };
        let short_year = if entry < 2000 { entry % 100 } else { entry };
        let offered = PROGRAMMES.iter().filter(|(_, _, _, since)| *since <= entry);
        for (college, major, short, _) in offered.take(*count) {
            let place = i16::try_from(classes.len()).unwrap_or(0);
            let headcount =
                if graduation % 10 == 9 && *graduation < 2019 { 52 + place * 7 % 25 } else { 28 + place * 5 % 17 };
            classes.push(Class {
                college,
                major,
                label: format!("{short}{short_year}-3班").into(),
                entry_year: Some(entry),
                graduation_year: Some(*graduation),
                headcount,
            });
        }
    }
    classes
}

/// FACTS A9: the classes of [`demo_classes`] that came back in 2019 by graduation, oldest first
/// (经济69届 leads), as position and how many came; together the figures of A9.
pub fn reunions_2019() -> Vec<(usize, i64)> {
    let mut came: Vec<(usize, Class)> = demo_classes()
        .into_iter()
        .enumerate()
        .filter(|(_, class)| matches!(class.milestone(2019), Some(("graduation", _))))
        .collect();
    came.sort_by_key(|(place, class)| (class.graduation_year, *place));
    came.truncate(usize::try_from(super::FIGURES_2019.reunion_classes).unwrap_or(0));
    let heads: Vec<i64> = came.iter().map(|(_, class)| i64::from(class.headcount)).collect();
    let alumni = shares(i64::from(super::FIGURES_2019.reunion_alumni), &heads);
    came.iter().map(|(place, _)| *place).zip(alumni).collect()
}

/// How many of each of [`demo_classes`] the `demo` size knows by name, [`PEOPLE`] together. Chosen: of a class that
/// came back in 2019 all who came and half of the others, of the rest a part by headcount.
pub fn people_of_classes() -> Vec<i64> {
    let came: HashMap<usize, i64> = reunions_2019().into_iter().collect();
    let heads: Vec<i64> = demo_classes().iter().map(|class| i64::from(class.headcount)).collect();
    let of_those_who_came = |(place, heads): (usize, &i64)| came.get(&place).map(|came| (came + heads) / 2);
    let known: Vec<Option<i64>> = heads.iter().enumerate().map(of_those_who_came).collect();
    let others: Vec<i64> = known.iter().zip(&heads).map(|(known, heads)| known.map_or(*heads, |_| 0)).collect();
    let left = PEOPLE - known.iter().flatten().sum::<i64>();
    known.iter().zip(shares(left, &others)).map(|(known, share)| known.unwrap_or(share)).collect()
}

/// Shares `total` out by weight; rounding the running sum makes the parts add up.
fn shares(total: i64, weights: &[i64]) -> Vec<i64> {
    let all: i64 = weights.iter().sum();
    let mut sum = 0;
    let mut share = |weight: &i64| {
        let before = (total * sum).checked_div(all).unwrap_or(0);
        sum += weight;
        (total * sum).checked_div(all).unwrap_or(0) - before
    };
    weights.iter().map(&mut share).collect()
}
