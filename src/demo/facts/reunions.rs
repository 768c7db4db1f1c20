//! FACTS A9: the milestone-year reunions of 2019, one event for each class that came back.
//!
//! Chosen: the Saturdays (from the end of September, the oldest classes first, none within a month of the founding
//! of the branch that holds it), places and seats.

use chrono::{Days, NaiveDate};

use super::events::{EVENT, Event};
use super::{BRANCHES, COLLEGES, Class, demo_classes, reunions_2019};

/// A reunion of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reunion {
    /// The class, a position in [`demo_classes`].
    pub class: usize,
    /// How many alumni came.
    pub alumni: i64,
    host: &'static str,
    title: String,
    title_en: String,
    venue_text: String,
    starts_local: String,
    ends_local: String,
}

impl Reunion {
    /// As an event of the branch of the class's college.
    pub fn event(&self) -> Event<'_> {
        Event {
            host: self.host,
            kind: "reunion",
            title: &self.title,
            title_en: &self.title_en,
            summary: "校史馆参观、班级座谈、与在校学生对话、校园合影。",
            summary_en: "A visit to the museum of the university, a class talk, a dialogue with students, a photograph.",
            venue_text: &self.venue_text,
            starts_local: &self.starts_local,
            ends_local: &self.ends_local,
            // Some seats for teachers and families.
            capacity: i32::try_from((self.alumni + 25) / 10 * 10).ok(),
            ..EVENT
        }
    }
}

/// The reunions of 2019, oldest class first: 经济69届 leads.
pub fn reunion_events() -> Vec<Reunion> {
    const SATURDAYS: usize = 9;
    let classes = demo_classes();
    let came = reunions_2019();
    let all = came.len();
    let reunion = |(order, (position, alumni)): (usize, (usize, i64))| {
        let class = classes.get(position)?;
        let branch = BRANCHES.iter().find(|branch| branch.college == Some(class.college))?;
        let college = COLLEGES.iter().find(|college| college.code == class.college)?;
        let founded: NaiveDate = branch.steps.last()?.on.parse().ok()?;
        let saturdays = NaiveDate::from_ymd_opt(2019, 9, 28)?.iter_weeks();
        let ready = founded + Days::new(30);
        let on = saturdays.skip(order * SATURDAYS / all).find(|day| *day >= ready)?;
        let (_, years) = class.milestone(2019)?;
        Some(Reunion {
            class: position,
            alumni,
            host: branch.code,
            title: format!("{}毕业{years}周年值年返校", class.label),
            title_en: title_en(class, years)?,
            venue_text: format!("{}报告厅", college.name),
            // The oldest class leads, also on its day.
            starts_local: format!("{on}T{}", if order == 0 { "08:30:00" } else { "09:00:00" }),
            ends_local: format!("{on}T16:00:00"),
        })
    };
    came.into_iter().enumerate().filter_map(reunion).collect()
}

/// `Ten Years On: Reunion of the English Class of 2009 (Class 3)`.
fn title_en(class: &Class, years: i16) -> Option<String> {
    let (_, words) = WORDS.iter().find(|(number, _)| *number == years)?;
    let (_, major) = MAJORS.iter().find(|(name, _)| *name == class.major)?;
    let graduation = class.graduation_year?;
    let number = class.label.strip_suffix('班').and_then(|label| label.rsplit_once('-'));
    let number = number.map_or_else(String::new, |(_, number)| format!(" (Class {number})"));
    Some(format!("{words} Years On: Reunion of the {major} Class of {graduation}{number}"))
}

const WORDS: &[(i16, &str)] = &[(10, "Ten"), (20, "Twenty"), (30, "Thirty"), (40, "Forty"), (50, "Fifty")];

/// The majors of the classes that came back, in English.
const MAJORS: &[(&str, &str)] = &[
    ("经济", "Economics"),
    ("经济学", "Economics"),
    ("企业管理", "Business Administration"),
    ("会计学", "Accounting"),
    ("采矿工程", "Mining Engineering"),
    ("煤田地质", "Coal Geology"),
    ("地质工程", "Geological Engineering"),
    ("机械工程", "Mechanical Engineering"),
    ("机械设计制造及其自动化", "Machine Design and Automation"),
    ("测绘工程", "Surveying"),
    ("电气工程及其自动化", "Electrical Engineering"),
    ("工业自动化", "Industrial Automation"),
    ("矿井建设", "Mine Construction"),
    ("应用化学", "Applied Chemistry"),
    ("计算机科学与技术", "Computer Science"),
    ("应用数学", "Applied Mathematics"),
    ("安全工程", "Safety Engineering"),
    ("英语", "English"),
];
