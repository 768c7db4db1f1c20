//! The office's coming weeks: events that lie ahead of whatever today is, so that a visitor can sign up and a
//! secretary finds work. None of them is in FACTS.

use chrono::{Days, NaiveDate};

use super::events::{EVENT, Event};

/// An event so many days ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coming {
    /// Days from today.
    pub days: u64,
    /// The event; its times are hours of the day (`T14:00:00`).
    pub event: Event<'static>,
    /// How many who live in its city have signed up.
    pub registrations: usize,
    /// 届: only those who left so many years before this year may come; everybody when empty.
    pub years_ago: &'static [i32],
    /// Its questions as JSON.
    pub questions: &'static str,
}

impl Coming {
    /// Its wall times, seen from that day.
    pub fn times(&self, today: NaiveDate) -> (String, String) {
        let date = today + Days::new(self.days);
        (format!("{date}{}", self.event.starts_local), format!("{date}{}", self.event.ends_local))
    }
}

const AHEAD: Event<'static> =
    Event { starts_local: "T14:00:00", ends_local: "T17:00:00", status: "published", ..EVENT };

const COMING_EVENT: Coming = Coming { days: 30, event: AHEAD, registrations: 0, years_ago: &[], questions: "[]" };

const SHENZHEN: Event<'static> = Event { host: "shenzhen", city: "深圳", ..AHEAD };

/// Those of every size.
pub const COMING: &[Coming] = &[
    Coming {
        days: 30,
        event: Event {
            kind: "forum",
            title: "校友主题论坛：湾区与归校",
            title_en: "Alumni Forum: The Bay Area and Homecoming",
            capacity: Some(3),
            waitlist: true,
            ..SHENZHEN
        },
        ..COMING_EVENT
    },
    Coming {
        days: 45,
        event: Event {
            kind: "lecture",
            title: "知名校友论坛",
            title_en: "Distinguished Alumni Forum",
            capacity: Some(200),
            ..AHEAD
        },
        ..COMING_EVENT
    },
    Coming {
        days: 60,
        event: Event {
            host: "shijiazhuang",
            kind: "seminar",
            title: "石家庄校友座谈会",
            title_en: "Shijiazhuang Alumni Seminar",
            city: "石家庄",
            ..AHEAD
        },
        ..COMING_EVENT
    },
];

/// Those of the `demo` size besides.
pub const MORE_COMING: &[Coming] = &[
    // One seat is left; then people wait.
    Coming {
        days: 14,
        event: Event {
            kind: "other",
            title: "走进校友企业：深圳智能制造参访",
            title_en: "Visiting Alumni Companies: Smart Manufacturing in Shenzhen",
            summary: "小班参访，名额十二人，满员后可候补。",
            venue_text: "深圳科技园",
            capacity: Some(12),
            waitlist: true,
            ..SHENZHEN
        },
        registrations: 11,
        ..COMING_EVENT
    },
    Coming {
        days: 21,
        event: Event {
            host: "qingdao",
            kind: "annual_meeting",
            title: "青岛校友会年会",
            title_en: "Annual Meeting of the Qingdao Alumni Chapter",
            summary: "年度工作报告、主题演讲和晚餐。",
            venue_text: "青岛会展中心三号厅",
            capacity: Some(260),
            waitlist: true,
            ..AHEAD
        },
        registrations: 148,
        questions: r#"[{"key": "meal", "label": "用餐", "type": "choice", "options": ["普通", "素食", "清真"]}]"#,
        ..COMING_EVENT
    },
    Coming {
        days: 35,
        event: Event {
            kind: "reunion",
            title: "值年返校日",
            title_en: "Milestone Reunion Day",
            summary: "欢迎毕业十年、二十年、三十年、四十年和五十年的校友返校。",
            venue_text: "大学生活动中心",
            capacity: Some(500),
            starts_local: "T09:00:00",
            ends_local: "T16:00:00",
            ..AHEAD
        },
        years_ago: &[10, 20, 30, 40, 50],
        ..COMING_EVENT
    },
    // What waits for the secretary of Shenzhen and for the office.
    Coming {
        days: 40,
        event: Event {
            kind: "seminar",
            title: "深圳校友创业沙龙",
            title_en: "Founders' Evening of the Alumni in Shenzhen",
            capacity: Some(40),
            waitlist: true,
            status: "approved",
            ..SHENZHEN
        },
        ..COMING_EVENT
    },
    Coming {
        days: 50,
        event: Event {
            kind: "matchmaking",
            title: "深圳校友人才对接会",
            title_en: "Talent Matchmaking Fair of the Alumni in Shenzhen",
            capacity: Some(120),
            status: "submitted",
            ..SHENZHEN
        },
        ..COMING_EVENT
    },
    Coming {
        days: 65,
        event: Event {
            kind: "other",
            title: "深圳校友梧桐山徒步",
            title_en: "A Walk on Wutong Mountain",
            capacity: Some(30),
            status: "draft",
            ..SHENZHEN
        },
        ..COMING_EVENT
    },
    Coming {
        days: 80,
        event: Event {
            kind: "lecture",
            title: "深圳校友讲堂",
            title_en: "Lecture for the Alumni in Shenzhen",
            status: "draft",
            ..SHENZHEN
        },
        ..COMING_EVENT
    },
];
