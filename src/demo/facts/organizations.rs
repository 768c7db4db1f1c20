//! The association, its college branches and its chapters, with what happened to each and when.

/// A body of the tree: the association, a college branch or a chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter {
    /// The code of CONTRACT.
    pub code: &'static str,
    /// `association`, `college_branch`, `regional_chapter` or `industry_chapter`.
    pub kind: &'static str,
    /// The name in Chinese.
    pub name: &'static str,
    /// The name in English.
    pub name_en: &'static str,
    /// The code of the body above; `None` for the association.
    pub parent: Option<&'static str>,
    /// The code of the college it belongs to, the second axis.
    pub college: Option<&'static str>,
    /// GB/T 2260, six digits, where it is bound to a region; a filter matches by prefix.
    pub region_code: Option<&'static str>,
    /// The code of an industry of the demo, where it is bound to one.
    pub industry: Option<&'static str>,
    /// The state at the end of 2019, which is that of the last step.
    pub status: &'static str,
    /// Every state it took, in order; the first is the application.
    pub steps: &'static [Step],
    /// Its terms of office, in order; none before it is founded.
    pub terms: &'static [Term],
}

/// A step of a life cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The state that it leads to.
    pub to: &'static str,
    /// The day.
    pub on: &'static str,
    /// The document that decided it.
    pub document_no: Option<&'static str>,
}

/// A term of office (第N届).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// 1 for the first.
    pub ordinal: i16,
    /// The first day.
    pub starts_on: &'static str,
    /// The last day as planned.
    pub planned_ends_on: &'static str,
    /// The last day as it was; `None` while it runs.
    pub ended_on: Option<&'static str>,
}

const fn step(to: &'static str, on: &'static str, document_no: Option<&'static str>) -> Step {
    Step { to, on, document_no }
}

/// Applied for, approved by a document, founded by a meeting.
const fn founded(
    applied: &'static str,
    approved: &'static str,
    document_no: &'static str,
    active: &'static str,
) -> [Step; 3] {
    [step("preparing", applied, None), step("approved", approved, Some(document_no)), step("active", active, None)]
}

const fn term(
    ordinal: i16,
    starts_on: &'static str,
    planned_ends_on: &'static str,
    ended_on: Option<&'static str>,
) -> Term {
    Term { ordinal, starts_on, planned_ends_on, ended_on }
}

const fn branch(
    college: &'static str,
    code: &'static str,
    name: &'static str,
    name_en: &'static str,
    steps: &'static [Step; 3],
    terms: &'static [Term],
) -> Chapter {
    Chapter {
        code,
        kind: "college_branch",
        name,
        name_en,
        parent: Some("association"),
        college: Some(college),
        region_code: None,
        industry: None,
        status: "active",
        steps,
        terms,
    }
}

const fn regional(
    code: &'static str,
    name: &'static str,
    name_en: &'static str,
    region_code: &'static str,
    status: &'static str,
    steps: &'static [Step],
    terms: &'static [Term],
) -> Chapter {
    Chapter {
        code,
        kind: "regional_chapter",
        name,
        name_en,
        parent: Some("association"),
        college: None,
        region_code: Some(region_code),
        industry: None,
        status,
        steps,
        terms,
    }
}

/// The General Alumni Association.
pub const ASSOCIATION: Chapter = Chapter {
    code: "association",
    kind: "association",
    name: "校友总会",
    name_en: "General Alumni Association",
    parent: None,
    college: None,
    region_code: None,
    industry: None,
    status: "active",
    steps: &founded("2012-03-09", "2012-06-15", "校字〔2012〕31号", "2012-10-20"),
    terms: &[term(1, "2012-10-20", "2016-10-19", Some("2016-10-19")), term(2, "2016-10-20", "2020-10-19", None)],
};

/// FACTS A1: the registration of the association as a legal body, by stage.
pub const LEGAL_REGISTRATION: &[Step] = &[
    step("preparing", "2019-03-15", Some("校友字〔2019〕4号")),
    step("submitted", "2019-11-20", Some("校友字〔2019〕25号")),
];

/// FACTS A2: the day and document by which the association and its offices got other officers.
pub const OFFICERS_ADJUSTED: Step = step("adjusted", "2019-03-29", Some("校友字〔2019〕5号"));

/// FACTS A3: seventeen branches, all founded in 2019.
pub const BRANCHES: &[Chapter] = &[
    branch(
        "cs",
        "branch-cs",
        "计算机科学与工程学院校友会",
        "College of Computer Science and Engineering Alumni Branch",
        &founded("2019-03-22", "2019-04-12", "校友字〔2019〕7号", "2019-05-18"),
        &[term(1, "2019-05-18", "2023-05-17", None)],
    ),
    branch(
        "econ",
        "branch-econ",
        "经济管理学院校友会",
        "College of Economics and Management Alumni Branch",
        &founded("2019-03-22", "2019-04-12", "校友字〔2019〕7号", "2019-05-18"),
        &[term(1, "2019-05-18", "2023-05-17", None)],
    ),
    branch(
        "mining",
        "branch-mining",
        "能源与矿业工程学院校友会",
        "College of Energy and Mining Engineering Alumni Branch",
        &founded("2019-03-22", "2019-04-12", "校友字〔2019〕7号", "2019-05-25"),
        &[term(1, "2019-05-25", "2023-05-24", None)],
    ),
    branch(
        "safety",
        "branch-safety",
        "安全与环境工程学院校友会",
        "College of Safety and Environmental Engineering Alumni Branch",
        &founded("2019-03-29", "2019-04-12", "校友字〔2019〕7号", "2019-05-25"),
        &[term(1, "2019-05-25", "2023-05-24", None)],
    ),
    branch(
        "geo",
        "branch-geo",
        "地球科学与工程学院校友会",
        "College of Earth Science and Engineering Alumni Branch",
        &founded("2019-03-29", "2019-04-12", "校友字〔2019〕7号", "2019-06-01"),
        &[term(1, "2019-06-01", "2023-05-31", None)],
    ),
    branch(
        "survey",
        "branch-survey",
        "测绘与空间信息学院校友会",
        "College of Geodesy and Geomatics Alumni Branch",
        &founded("2019-03-29", "2019-04-12", "校友字〔2019〕7号", "2019-06-01"),
        &[term(1, "2019-06-01", "2023-05-31", None)],
    ),
    branch(
        "mech",
        "branch-mech",
        "机械电子工程学院校友会",
        "College of Mechanical and Electronic Engineering Alumni Branch",
        &founded("2019-04-04", "2019-05-10", "校友字〔2019〕9号", "2019-06-15"),
        &[term(1, "2019-06-15", "2023-06-14", None)],
    ),
    branch(
        "auto",
        "branch-auto",
        "电气与自动化工程学院校友会",
        "College of Electrical Engineering and Automation Alumni Branch",
        &founded("2019-04-04", "2019-05-10", "校友字〔2019〕9号", "2019-06-15"),
        &[term(1, "2019-06-15", "2023-06-14", None)],
    ),
    branch(
        "ee",
        "branch-ee",
        "电子信息工程学院校友会",
        "College of Electronic and Information Engineering Alumni Branch",
        &founded("2019-04-04", "2019-05-10", "校友字〔2019〕9号", "2019-06-22"),
        &[term(1, "2019-06-22", "2023-06-21", None)],
    ),
    branch(
        "civil",
        "branch-civil",
        "土木工程与建筑学院校友会",
        "College of Civil Engineering and Architecture Alumni Branch",
        &founded("2019-04-12", "2019-05-10", "校友字〔2019〕9号", "2019-06-22"),
        &[term(1, "2019-06-22", "2023-06-21", None)],
    ),
    branch(
        "chem",
        "branch-chem",
        "化学与生物工程学院校友会",
        "College of Chemical and Biological Engineering Alumni Branch",
        &founded("2019-04-12", "2019-05-10", "校友字〔2019〕9号", "2019-06-29"),
        &[term(1, "2019-06-29", "2023-06-28", None)],
    ),
    branch(
        "materials",
        "branch-materials",
        "材料科学与工程学院校友会",
        "College of Materials Science and Engineering Alumni Branch",
        &founded("2019-04-19", "2019-05-10", "校友字〔2019〕9号", "2019-06-29"),
        &[term(1, "2019-06-29", "2023-06-28", None)],
    ),
    branch(
        "math",
        "branch-math",
        "数学与系统科学学院校友会",
        "College of Mathematics and Systems Science Alumni Branch",
        &founded("2019-05-17", "2019-09-06", "校友字〔2019〕18号", "2019-09-21"),
        &[term(1, "2019-09-21", "2023-09-20", None)],
    ),
    branch(
        "foreign",
        "branch-foreign",
        "外国语学院校友会",
        "College of Foreign Languages Alumni Branch",
        &founded("2019-05-17", "2019-09-06", "校友字〔2019〕18号", "2019-09-21"),
        &[term(1, "2019-09-21", "2023-09-20", None)],
    ),
    branch(
        "law",
        "branch-law",
        "文法学院校友会",
        "College of Humanities and Law Alumni Branch",
        &founded("2019-05-24", "2019-09-06", "校友字〔2019〕18号", "2019-10-12"),
        &[term(1, "2019-10-12", "2023-10-11", None)],
    ),
    branch(
        "arts",
        "branch-arts",
        "艺术学院校友会",
        "College of Arts Alumni Branch",
        &founded("2019-06-14", "2019-09-06", "校友字〔2019〕18号", "2019-10-19"),
        &[term(1, "2019-10-19", "2023-10-18", None)],
    ),
    branch(
        "ocean",
        "branch-ocean",
        "海洋科学与工程学院校友会",
        "College of Ocean Science and Engineering Alumni Branch",
        &founded("2019-09-20", "2019-10-18", "校友字〔2019〕22号", "2019-11-23"),
        &[term(1, "2019-11-23", "2023-11-22", None)],
    ),
];

/// FACTS A4 to A7: the chapters, oldest states first within each fact.
pub const CHAPTERS: &[Chapter] = &[
    // A5: re-elected in 2019, each some days before the term would have ended.
    regional(
        "shenzhen",
        "深圳校友会",
        "Shenzhen Alumni Chapter",
        "440300",
        "active",
        &founded("2014-11-14", "2015-03-20", "校友字〔2015〕3号", "2015-05-16"),
        &[term(1, "2015-05-16", "2019-05-15", Some("2019-05-10")), term(2, "2019-05-11", "2023-05-10", None)],
    ),
    regional(
        "qingdao-west-coast",
        "青岛西海岸校友会",
        "Qingdao West Coast Alumni Chapter",
        "370211",
        "active",
        &founded("2015-04-10", "2015-07-03", "校友字〔2015〕8号", "2015-09-19"),
        &[term(1, "2015-09-19", "2019-09-18", Some("2019-09-06")), term(2, "2019-09-07", "2023-09-06", None)],
    ),
    // A6: held a themed forum with their annual meeting.
    regional(
        "qingdao",
        "青岛校友会",
        "Qingdao Alumni Chapter",
        "370200",
        "active",
        &founded("2013-03-08", "2013-04-26", "校友字〔2013〕2号", "2013-06-01"),
        &[term(1, "2013-06-01", "2017-05-31", Some("2017-05-31")), term(2, "2017-06-01", "2021-05-31", None)],
    ),
    regional(
        "zhejiang",
        "浙江校友会",
        "Zhejiang Alumni Chapter",
        "330000",
        "active",
        &founded("2017-04-14", "2017-09-08", "校友字〔2017〕11号", "2017-10-21"),
        &[term(1, "2017-10-21", "2021-10-20", None)],
    ),
    // A4: founded in 2019; the second under a college branch.
    regional(
        "shijiazhuang",
        "石家庄校友会",
        "Shijiazhuang Alumni Chapter",
        "130100",
        "active",
        &founded("2018-12-14", "2019-03-29", "校友字〔2019〕6号", "2019-04-20"),
        &[term(1, "2019-04-20", "2023-04-19", None)],
    ),
    Chapter {
        parent: Some("branch-cs"),
        college: Some("cs"),
        ..regional(
            "cs-beijing",
            "计算机科学与工程学院北京校友会",
            "College of Computer Science and Engineering Beijing Alumni Chapter",
            "110000",
            "active",
            &founded("2019-06-14", "2019-09-27", "校友字〔2019〕20号", "2019-11-02"),
            &[term(1, "2019-11-02", "2023-11-01", None)],
        )
    },
    // A7: preparations finished, every gate met, not yet approved.
    regional(
        "wuhan",
        "武汉校友会",
        "Wuhan Alumni Chapter",
        "420100",
        "preparing",
        &[step("preparing", "2019-04-12", None)],
        &[],
    ),
    regional(
        "xian",
        "西安校友会",
        "Xi'an Alumni Chapter",
        "610100",
        "preparing",
        &[step("preparing", "2019-05-17", None)],
        &[],
    ),
    regional(
        "nanjing",
        "南京校友会",
        "Nanjing Alumni Chapter",
        "320100",
        "preparing",
        &[step("preparing", "2019-06-14", None)],
        &[],
    ),
    Chapter {
        kind: "industry_chapter",
        region_code: None,
        industry: Some("law"),
        ..regional(
            "law",
            "法律行业校友会",
            "Legal Profession Alumni Chapter",
            "",
            "preparing",
            &[step("preparing", "2019-09-06", None)],
            &[],
        )
    },
];
