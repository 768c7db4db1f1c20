//! Events: those of the `tiny` demo, and all lectures besides for `demo`.

use super::lectures::LECTURES;

/// An event with the state that it ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// The code of the organization that holds it.
    pub host: &'a str,
    /// The kind, as CONTRACT writes it.
    pub kind: &'a str,
    /// The title in Chinese.
    pub title: &'a str,
    /// The title in English.
    pub title_en: &'a str,
    /// What it is, in Chinese.
    pub summary: &'a str,
    /// The same in English.
    pub summary_en: &'a str,
    /// The city in Chinese.
    pub city: &'a str,
    /// The place in Chinese.
    pub venue_text: &'a str,
    /// Wall time of the beginning at the place.
    pub starts_local: &'a str,
    /// Wall time of the end at the place.
    pub ends_local: &'a str,
    /// The IANA zone of both.
    pub time_zone: &'a str,
    /// Seats; `None` for no limit.
    pub capacity: Option<i32>,
    /// Whether people may wait when it is full.
    pub waitlist: bool,
    /// `draft`, `submitted`, `published`, `completed` or `cancelled`.
    pub status: &'a str,
    /// The number in the series of lectures (第N讲).
    pub sequence_no: Option<i32>,
}

/// What most events have in common; the rest is said one by one.
pub(super) const EVENT: Event<'static> = Event {
    host: "association",
    kind: "other",
    title: "",
    title_en: "",
    summary: "",
    summary_en: "",
    city: "青岛",
    venue_text: "",
    starts_local: "",
    ends_local: "",
    time_zone: "Asia/Shanghai",
    capacity: None,
    waitlist: false,
    status: "completed",
    sequence_no: None,
};

/// The events of the `tiny` demo. What is in no fact serves to show the other states.
pub const EVENTS: &[Event<'static>] = &[
    // A8, three of many
    LECTURES[0],
    LECTURES[1],
    LECTURES[38],
    // A4
    Event {
        host: "shijiazhuang",
        kind: "congress",
        title: "石家庄校友会成立大会",
        title_en: "Founding Meeting of the Shijiazhuang Alumni Chapter",
        summary: "审议章程，选举第一届理事会，宣布石家庄校友会成立。",
        summary_en: "Adopts the charter, elects the first board and founds the chapter.",
        city: "石家庄",
        venue_text: "石家庄滹沱河畔会议中心",
        starts_local: "2019-04-20T14:00:00",
        ends_local: "2019-04-20T17:30:00",
        capacity: Some(120),
        ..EVENT
    },
    Event {
        host: "cs-beijing",
        kind: "congress",
        title: "计算机科学与工程学院北京校友会成立大会",
        title_en: "Founding Meeting of the Computer Science Alumni in Beijing",
        summary: "审议章程，选举第一届理事会，并举行京津冀信息技术校友座谈。",
        summary_en: "Adopts the charter and elects the first board; then alumni in information technology meet.",
        city: "北京",
        venue_text: "北京中关村校友活动室",
        starts_local: "2019-11-02T14:00:00",
        ends_local: "2019-11-02T17:30:00",
        capacity: Some(100),
        ..EVENT
    },
    // A5
    Event {
        host: "shenzhen",
        kind: "re_election",
        title: "深圳校友会换届大会",
        title_en: "Re-election Meeting of the Shenzhen Alumni Chapter",
        summary: "听取第一届理事会工作报告和财务报告，选举产生第二届理事会。",
        summary_en: "Hears the reports of the first board and elects the second.",
        city: "深圳",
        venue_text: "深圳南山会议厅",
        starts_local: "2019-05-11T14:00:00",
        ends_local: "2019-05-11T17:00:00",
        capacity: Some(150),
        ..EVENT
    },
    Event {
        host: "qingdao-west-coast",
        kind: "re_election",
        title: "青岛西海岸校友会换届大会",
        title_en: "Re-election Meeting of the Qingdao West Coast Alumni Chapter",
        summary: "总结第一届理事会工作，选举产生第二届理事会，修订章程。",
        summary_en: "Reviews the work of the first board, elects the second and amends the charter.",
        venue_text: "校友活动中心二楼会议室",
        starts_local: "2019-09-07T09:00:00",
        ends_local: "2019-09-07T11:30:00",
        capacity: Some(120),
        ..EVENT
    },
    // A6
    Event {
        host: "qingdao",
        kind: "annual_meeting",
        title: "青岛校友会“海洋与智能制造”主题论坛暨2019年年会",
        title_en: "Qingdao Alumni Forum on the Ocean and Smart Manufacturing, and Annual Meeting 2019",
        summary: "上午主题论坛，下午年度工作报告和分组交流。",
        summary_en: "A themed forum in the morning, the annual report and group talks in the afternoon.",
        venue_text: "青岛会展中心三号厅",
        starts_local: "2019-11-16T09:00:00",
        ends_local: "2019-11-16T17:00:00",
        capacity: Some(260),
        waitlist: true,
        ..EVENT
    },
    Event {
        host: "zhejiang",
        kind: "annual_meeting",
        title: "浙江校友会“数字经济”主题论坛暨2019年年会",
        title_en: "Zhejiang Alumni Forum on the Digital Economy, and Annual Meeting 2019",
        summary: "围绕数字经济与产业升级开展主题演讲，并通报年度工作。",
        summary_en: "Talks on the digital economy and the renewal of industry, with the report of the year.",
        city: "杭州",
        venue_text: "杭州钱塘报告厅",
        starts_local: "2019-12-07T13:30:00",
        ends_local: "2019-12-07T18:00:00",
        capacity: Some(180),
        waitlist: true,
        ..EVENT
    },
    // A9
    Event {
        host: "branch-econ",
        kind: "reunion",
        title: "经济69届毕业50周年值年返校",
        title_en: "Fifty Years On: Reunion of the Economics Class of 1969",
        summary: "校史馆参观、班级座谈、与在校学生对话、校园合影。",
        summary_en: "A visit to the museum of the university, a class talk, a dialogue with students, a photograph.",
        venue_text: "经济管理学院报告厅",
        starts_local: "2019-09-28T08:30:00",
        ends_local: "2019-09-28T16:00:00",
        capacity: Some(80),
        ..EVENT
    },
    // A11
    Event {
        host: "association",
        kind: "appointment",
        title: "2019届毕业生校友理事会聘任大会",
        title_en: "Appointment Conference of the Class-of-2019 Graduate Council",
        summary: "为2019届毕业生校友理事会理事和信息联络员颁发聘书。",
        summary_en: "Directors and information liaisons of the council receive their certificates.",
        venue_text: "大学生活动中心",
        starts_local: "2019-06-21T15:00:00",
        ends_local: "2019-06-21T17:00:00",
        capacity: Some(400),
        ..EVENT
    },
    // Not in FACTS: events in the other states.
    Event {
        host: "qingdao",
        kind: "exhibition",
        title: "校友企业科技成果展",
        title_en: "Exhibition of Technology from Alumni Companies",
        summary: "集中展示校友企业的新技术和新产品。因台风影响取消。",
        summary_en: "New technology and products from companies of alumni. Cancelled because of a typhoon.",
        venue_text: "体育馆",
        starts_local: "2019-08-10T09:00:00",
        ends_local: "2019-08-10T17:00:00",
        capacity: Some(500),
        status: "cancelled",
        ..EVENT
    },
    Event {
        host: "branch-cs",
        kind: "seminar",
        title: "人工智能与智能制造校友研讨会",
        title_en: "Alumni Seminar on Artificial Intelligence and Smart Manufacturing",
        summary: "校友与教师共同研讨人工智能在工业中的应用，座位有限，可候补。",
        summary_en: "Alumni and teachers on artificial intelligence in industry. Few seats; there is a waitlist.",
        venue_text: "计算机学院学术报告厅",
        starts_local: "2019-12-28T14:00:00",
        ends_local: "2019-12-28T17:00:00",
        capacity: Some(60),
        waitlist: true,
        status: "published",
        ..EVENT
    },
    Event {
        host: "shenzhen",
        kind: "forum",
        title: "深圳校友新年论坛",
        title_en: "New Year Forum of the Alumni in Shenzhen",
        summary: "分享粤港澳大湾区的产业机会，欢迎携家属参加。",
        summary_en: "Opportunities for industry in the Greater Bay Area. Families are welcome.",
        city: "深圳",
        venue_text: "深圳南山会议厅",
        starts_local: "2020-01-04T14:30:00",
        ends_local: "2020-01-04T18:00:00",
        capacity: Some(40),
        waitlist: true,
        status: "published",
        ..EVENT
    },
    // Planned for 2020: P1 to P3.
    Event {
        host: "association",
        kind: "congress",
        title: "校友总会会员代表大会",
        title_en: "Delegates' Congress of the General Alumni Association",
        summary: "审议工作报告和章程修正案，选举新一届理事会。",
        summary_en: "Hears the report, amends the charter and elects the new board.",
        venue_text: "大学生活动中心",
        starts_local: "2020-10-17T09:00:00",
        ends_local: "2020-10-17T17:00:00",
        capacity: Some(300),
        status: "submitted",
        ..EVENT
    },
    Event {
        host: "association",
        kind: "seminar",
        title: "校友工作研讨会",
        title_en: "Seminar on Alumni Work",
        summary: "研讨地方和行业校友会的组建办法，交流学院校友工作经验。",
        summary_en: "How regional and industry chapters are organised, and what the colleges have learnt.",
        venue_text: "行政楼第一会议室",
        starts_local: "2020-03-28T09:00:00",
        ends_local: "2020-03-28T12:00:00",
        capacity: Some(80),
        status: "submitted",
        ..EVENT
    },
    Event {
        host: "shenzhen",
        kind: "matchmaking",
        title: "科技、人才对接会（深圳站）",
        title_en: "Technology and Talent Matchmaking Fair, Shenzhen",
        summary: "学校科研团队与校友企业现场对接项目和人才需求。",
        summary_en: "Research teams of the university meet companies of alumni.",
        city: "深圳",
        venue_text: "深圳科技园路演厅",
        starts_local: "2020-05-23T09:00:00",
        ends_local: "2020-05-23T17:00:00",
        capacity: Some(200),
        status: "draft",
        ..EVENT
    },
];

/// The events of the `demo` size in order of time: [`EVENTS`] with all lectures of the year.
pub fn demo_events() -> Vec<Event<'static>> {
    let mut events: Vec<Event<'static>> =
        EVENTS.iter().filter(|event| event.kind != "lecture").chain(&LECTURES).copied().collect();
    events.sort_by_key(|event| event.starts_local);
    events
}
