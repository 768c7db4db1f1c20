//! What synthetic people are drawn from: surnames, given names by decade, places, employers.

/// 300 surnames by rank, after the report on names of 2019 of the Ministry of Public Security
/// (公安部《二〇一九年全国姓名报告》), which has the first hundred; within ranks 30 to 100 the order is
/// approximate, beyond it is our own estimate.
pub(super) const SURNAMES: &str = "\
    王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜叶\
    程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾\
    毛郝龚邵万钱严覃武戴欧莫孔向常汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申耿关\
    兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻\
    祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿\
    桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠\
    惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练";

/// Bearers of the first twenty in units of 10,000, rounded, as published about 2018. From rank 21 on
/// 250 million / rank is used, which meets what the report of 2019 says: 万 2.75 million at rank 91,
/// 欧 2.61 million at 97; so the first three have some 7 % each.
pub(super) const TOP_TWENTY: [u64; 20] = [
    10_150, 10_090, 9_540, 7_210, 6_330, 4_620, 3_370, 2_860, 2_780, 2_680, 2_020, 1_940, 1_910, 1_810, 1_650, 1_580,
    1_480, 1_420, 1_410, 1_390,
];

/// Compound surnames and some that are read in their own way: together 2 % here, more than in life,
/// so that a search by pinyin has something to get wrong.
pub(super) const RARE_SURNAMES: &[&str] = &[
    "欧阳", "欧阳", "欧阳", "欧阳", "上官", "司马", "诸葛", "尉迟", "令狐", "皇甫", "夏侯", "慕容", "东方", "宇文",
    "长孙", "澹台", "万俟", "鲜于", "淳于", "公孙", "钟离", "单", "仇", "解", "查", "盖", "逄", "缪", "员", "种", "折",
    "宓", "郇",
];

/// First and second characters of given names of two, and given names of one character. Characters
/// that would make the names of well-known people were left out where we thought of it.
pub(super) fn given_names(gender: &str, decade: i16) -> (&'static str, &'static str, &'static str) {
    match (gender, decade) {
        ("female", 1940) => ("秀桂玉淑凤素金春", "英兰珍芳梅琴云荣", "英兰珍"),
        ("female", 1950) => ("秀桂玉淑爱素丽建", "英兰珍芳梅琴云荣华萍", "英萍珍"),
        ("female", 1960) => ("秀丽红玉淑爱春晓", "英梅芳霞萍华玲敏云琴", "敏萍霞玲红"),
        ("female", 1970) => ("丽晓红海春雪文艳", "娟燕霞梅玲敏芳萍静华", "丽静敏艳燕霞娟芳"),
        ("female", 1980) => ("晓丽雪文海佳慧思美", "婷静燕敏莹雯玲洁茜", "静婷莉敏雪莹颖"),
        ("female", 1990) => ("雨佳思梦欣晓诗雅慧", "婷琪雯洁颖萱怡琳莹茜", "婷雪颖倩悦琳"),
        ("female", _) => ("子梓雨欣思诗佳语若一", "涵萱彤琪瑶妍悦桐宁", "悦彤妍乐"),
        (_, 1940) => ("国德福永振玉庆学志文金长", "山海田祥荣生才明义堂", "林山海荣祥"),
        (_, 1950) => ("建新卫志永保跃学文爱", "国军民平华生海林明成", "军平林海生"),
        (_, 1960) => ("建志卫永红文新兴国海", "军平东民伟峰斌杰林", "勇伟斌辉东"),
        (_, 1970) => ("建志海晓文永春红立新", "军伟峰涛斌强辉勇", "伟勇涛波辉斌峰超"),
        (_, 1980) => ("志海晓文俊宇鹏少明家", "超伟磊飞杰峰龙博浩", "伟磊超飞杰涛浩"),
        (_, 1990) => ("宇子俊浩志文嘉家天泽", "轩涵杰豪博鑫龙翔辉阳", "鑫磊杰浩帅阳旭宇"),
        _ => ("子宇浩俊梓嘉泽博天一", "轩涵然辰豪睿阳航鑫珩", "宇睿航昊轩"),
    }
}

/// Given names of the few who have a name in Latin letters.
pub(super) fn latin_given(gender: &str) -> &'static [&'static str] {
    match gender {
        "female" => &["Grace", "Hannah", "Sofia", "Amina", "Clara", "Olivia"],
        _ => &["Daniel", "Lucas", "Samuel", "Mateo", "Karim", "Oliver"],
    }
}

/// Their family names.
pub(super) const LATIN_FAMILIES: &[&str] =
    &["Whitfield", "Okafor", "Lindqvist", "Moreau", "Rahman", "Castellan", "Harper"];

/// Own names of the few Uyghurs, as written in Chinese.
pub(super) fn transcribed_given(gender: &str) -> &'static [&'static str] {
    match gender {
        "female" => &["阿依古丽", "热依汗", "古丽娜尔", "迪丽努尔"],
        _ => &["阿卜杜拉", "艾合买提", "吐尔逊", "玉素甫"],
    }
}

/// The names of their fathers, which stand after the dot.
pub(super) const TRANSCRIBED_FATHERS: &[&str] = &["买买提", "卡德尔", "依明", "尼亚孜"];

/// Where most live, and where a new person lives if nothing else is known.
pub(super) const HOME: City = at_home("青岛", "Qingdao", "370200", 250);

const fn at_home(name: &'static str, name_en: &'static str, region_code: &'static str, weight: u64) -> City {
    City { name, name_en, country: "CN", region_code: Some(region_code), weight }
}

const fn abroad(name: &'static str, name_en: &'static str, country: &'static str, weight: u64) -> City {
    City { name, name_en, country, region_code: None, weight }
}

/// A place of residence.
#[derive(Debug, PartialEq, Eq)]
pub struct City {
    /// The name in Chinese, without 市.
    pub name: &'static str,
    /// The name in English.
    pub name_en: &'static str,
    /// ISO 3166-1, two letters.
    pub country: &'static str,
    /// GB/T 2260, six digits; `None` abroad.
    pub region_code: Option<&'static str>,
    /// How many of 1000 alumni live there, chosen for a university in Qingdao.
    pub weight: u64,
}

/// An industry with invented employers and the positions in them.
#[derive(Debug, PartialEq, Eq)]
pub struct Industry {
    /// A short stable code.
    pub code: &'static str,
    /// The name in Chinese.
    pub name: &'static str,
    /// The name in English.
    pub name_en: &'static str,
    /// How many of 100 alumni work in it, chosen.
    pub weight: u64,
    /// Invented employers.
    pub employers: &'static [&'static str],
    /// Positions, from the first job to the last.
    pub titles: &'static [&'static str],
}

/// Where the alumni of the demo live.
pub static CITIES: &[City] = &[
    HOME,
    at_home("济南", "Jinan", "370100", 110),
    at_home("北京", "Beijing", "110000", 80),
    at_home("深圳", "Shenzhen", "440300", 50),
    at_home("上海", "Shanghai", "310000", 45),
    at_home("烟台", "Yantai", "370600", 45),
    at_home("潍坊", "Weifang", "370700", 40),
    at_home("泰安", "Tai'an", "370900", 40),
    at_home("临沂", "Linyi", "371300", 35),
    at_home("济宁", "Jining", "370800", 35),
    at_home("石家庄", "Shijiazhuang", "130100", 25),
    at_home("杭州", "Hangzhou", "330100", 25),
    at_home("日照", "Rizhao", "371100", 20),
    at_home("淄博", "Zibo", "370300", 20),
    at_home("南京", "Nanjing", "320100", 20),
    at_home("武汉", "Wuhan", "420100", 18),
    at_home("西安", "Xi'an", "610100", 18),
    at_home("威海", "Weihai", "371000", 15),
    at_home("东营", "Dongying", "370500", 12),
    at_home("天津", "Tianjin", "120000", 12),
    at_home("广州", "Guangzhou", "440100", 12),
    at_home("苏州", "Suzhou", "320500", 10),
    at_home("太原", "Taiyuan", "140100", 10),
    at_home("郑州", "Zhengzhou", "410100", 10),
    at_home("成都", "Chengdu", "510100", 8),
    at_home("沈阳", "Shenyang", "210100", 6),
    at_home("乌鲁木齐", "Urumqi", "650100", 4),
    abroad("纽约", "New York", "US", 6),
    abroad("东京", "Tokyo", "JP", 5),
    abroad("新加坡", "Singapore", "SG", 5),
    abroad("悉尼", "Sydney", "AU", 4),
    abroad("伦敦", "London", "GB", 3),
    abroad("慕尼黑", "Munich", "DE", 2),
];

/// Where the alumni of the demo work.
pub static INDUSTRIES: &[Industry] = &[
    Industry {
        code: "it",
        name: "信息技术",
        name_en: "Information technology",
        weight: 22,
        employers: &["示例海蓝软件公司", "示例星河数据科技公司", "示例青松网络公司"],
        titles: &["软件工程师", "高级工程师", "产品经理", "技术总监", "总经理"],
    },
    Industry {
        code: "energy",
        name: "能源矿业",
        name_en: "Energy and mining",
        weight: 16,
        employers: &["示例远山矿业集团", "示例北岭煤业公司", "示例清源新能源公司"],
        titles: &["采矿工程师", "安全主管", "区队长", "总工程师", "副总经理"],
    },
    Industry {
        code: "manufacturing",
        name: "装备制造",
        name_en: "Manufacturing",
        weight: 16,
        employers: &["示例重锋机械公司", "示例启航电气公司", "示例明轮智能装备公司"],
        titles: &["机械工程师", "工艺工程师", "车间主任", "质量经理", "厂长"],
    },
    Industry {
        code: "construction",
        name: "土木建筑",
        name_en: "Construction",
        weight: 12,
        employers: &["示例磐石建设集团", "示例长桥设计院", "示例经纬测绘公司"],
        titles: &["测量员", "结构工程师", "项目经理", "注册建造师", "院长"],
    },
    Industry {
        code: "education",
        name: "教育科研",
        name_en: "Education and research",
        weight: 13,
        employers: &["示例滨海学院", "示例第九十九中学", "示例海洋技术研究所"],
        titles: &["讲师", "教师", "助理研究员", "副教授", "教授"],
    },
    Industry {
        code: "finance",
        name: "金融财会",
        name_en: "Finance and accounting",
        weight: 10,
        employers: &["示例东湾银行", "示例诚衡会计师事务所", "示例稳舟保险公司"],
        titles: &["会计", "审计师", "客户经理", "财务经理", "支行行长"],
    },
    Industry {
        code: "government",
        name: "公共管理",
        name_en: "Public administration",
        weight: 7,
        employers: &["示例县发展和改革局", "示例区行政审批服务局", "示例市应急管理局"],
        titles: &["科员", "主任科员", "科长", "副局长"],
    },
    Industry {
        code: "law",
        name: "法律服务",
        name_en: "Legal services",
        weight: 4,
        employers: &["示例明理律师事务所", "示例天秤律师事务所"],
        titles: &["律师助理", "律师", "合伙人"],
    },
];
