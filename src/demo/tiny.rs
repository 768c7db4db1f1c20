//! The `tiny` demo: 200 people, the association, its branches and named chapters, accounts and a few events.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};

use super::facts::{self, ACCOUNTS, ASSOCIATION, BRANCHES, CHAPTERS, CLASSES, COLLEGES, Chapter, EVENTS};
use super::names::Names;
use crate::access::Role;
use crate::access::tx::Tx;
use crate::accounts::{self, NewAccount, NewGrant};
use crate::base::error::{Error, Result};
use crate::base::ids::{CollegeId, OrganizationId, PersonId};
use crate::base::local::LocalTime;
use crate::base::scope::{Scope, ScopeBody};
use crate::base::state::{Word, named};
use crate::base::text::{Line, Prose};
use crate::colleges::{self, ClassGroup, NewClassGroup, NewCollege};
use crate::events::registration::{self, NewRegistration};
use crate::events::{self, Audience, NewEvent, StepBody};
use crate::organizations::{self, NewOrganization, NewTransition};
use crate::people::{self, AlumniStatus, Gender, Level, NewEducation, NewPerson};

const PEOPLE: usize = 200;
const SEED: u64 = 1969;

/// Everything made so far that later parts refer to.
#[derive(Default)]
struct Made {
    colleges: HashMap<&'static str, CollegeId>,
    organizations: HashMap<&'static str, OrganizationId>,
    classes: Vec<ClassGroup>,
    people: Vec<PersonId>,
}

pub async fn make(tx: &mut Tx, password_hash: &str, say: &impl Fn(&str)) -> Result<()> {
    let now = tx.now();
    let mut made = Made::default();
    tx.travel(noon("2012-09-01")?);
    make_colleges(tx, &mut made).await?;
    for chapter in std::iter::once(&ASSOCIATION).chain(BRANCHES).chain(CHAPTERS) {
        make_organization(tx, &mut made, chapter).await?;
    }
    say(&format!("{} organizations in their states", made.organizations.len()));
    tx.travel(noon("2019-01-07")?);
    make_people(tx, &mut made, password_hash).await?;
    say(&format!("{} people, {} classes, {} accounts", made.people.len(), made.classes.len(), ACCOUNTS.len()));
    for event in EVENTS {
        make_event(tx, &made, event).await?;
    }
    tx.travel(now);
    make_coming_events(tx, &made).await?;
    say(&format!("{} events", EVENTS.len() + COMING.len()));
    Ok(())
}

async fn make_colleges(tx: &mut Tx, made: &mut Made) -> Result<()> {
    for college in COLLEGES {
        let new = NewCollege {
            code: college.code.to_owned(),
            name: line(college.name)?,
            name_en: Some(line(college.name_en)?),
            campus: Some(line(college.campus)?),
        };
        made.colleges.insert(college.code, colleges::create_college(tx, &new).await?.id);
    }
    for class in CLASSES {
        let new = NewClassGroup {
            college_id: find(&made.colleges, class.college)?,
            major: line(class.major)?,
            label: Some(line(&class.label)?),
            entry_year: class.entry_year,
            graduation_year: class.graduation_year,
            headcount: Some(i32::from(class.headcount)),
        };
        made.classes.push(colleges::create_class_group(tx, &new).await?);
    }
    Ok(())
}

/// An organization, taken through every dated step of its life.
async fn make_organization(tx: &mut Tx, made: &mut Made, chapter: &Chapter) -> Result<()> {
    let (application, steps) = chapter.steps.split_first().ok_or_else(|| broken("a chapter without steps"))?;
    tx.travel(noon(application.on)?);
    let new = NewOrganization {
        kind: word(chapter.kind)?,
        name: line(chapter.name)?,
        name_en: Some(line(chapter.name_en)?),
        code: chapter.code.to_owned(),
        parent_id: chapter.parent.map(|code| find(&made.organizations, code)).transpose()?,
        college_id: chapter.college.map(|code| find(&made.colleges, code)).transpose()?,
        region_code: chapter.region_code.map(line).transpose()?,
        country: chapter.region_code.map(|_| line("CN")).transpose()?,
        industry: chapter.industry.map(line).transpose()?,
        time_zone: "Asia/Shanghai".to_owned(),
    };
    let id = organizations::create_organization(tx, &new).await?.id;
    for step in steps {
        tx.travel(noon(step.on)?);
        let document_no = step.document_no.map(line).transpose()?;
        let transition = NewTransition { to: word(step.to)?, on: day(step.on)?, document_no, reason: None };
        organizations::step_organization(tx, id, &transition).await?;
    }
    made.organizations.insert(chapter.code, id);
    Ok(())
}

async fn make_people(tx: &mut Tx, made: &mut Made, password_hash: &str) -> Result<()> {
    let mut serial = 0;
    for account in ACCOUNTS {
        let person = match account.class {
            None => None,
            Some(class) => {
                serial += 1;
                Some(
                    make_alumnus(
                        tx,
                        made,
                        class,
                        serial,
                        Known { name: account.name, city: account.city, ..Known::default() },
                    )
                    .await?,
                )
            }
        };
        let new = NewAccount {
            name: account.name.to_owned(),
            email: account.email(),
            password_hash: password_hash.to_owned(),
            person_id: person,
        };
        let id = accounts::create_account(tx, &new).await?;
        if let (Some(role), Some(scope)) = (account.role, account.scope) {
            let new =
                NewGrant { role: word::<Role>(role)?, scope: scope_of(made, scope)?, starts_on: None, ends_on: None };
            accounts::grant(tx, id, &new).await?;
        }
    }
    let mut names = Names::new(SEED);
    while made.people.len() < PEOPLE {
        serial += 1;
        let class = serial % made.classes.len();
        let graduation =
            made.classes.get(class).and_then(|class| class.graduation_year.or(class.entry_year.map(|year| year + 4)));
        let someone = names.person(graduation.unwrap_or(2000) - 22);
        let known = Known {
            name: &someone.name,
            city: someone.city.name,
            country: Some(someone.city.country),
            gender: word::<Gender>(someone.gender).ok(),
            birth_year: Some(someone.birth_year),
            employer: someone.employer,
            title: someone.title,
            industry: someone.industry.map(|industry| industry.code),
        };
        make_alumnus(tx, made, class, serial, known).await?;
    }
    Ok(())
}

/// What the demo knows of somebody.
#[derive(Default)]
struct Known<'a> {
    name: &'a str,
    city: &'a str,
    country: Option<&'a str>,
    gender: Option<Gender>,
    birth_year: Option<i16>,
    employer: Option<&'a str>,
    title: Option<&'a str>,
    industry: Option<&'a str>,
}

async fn make_alumnus(tx: &mut Tx, made: &mut Made, class: usize, serial: usize, known: Known<'_>) -> Result<PersonId> {
    let new = NewPerson {
        name: line(known.name)?,
        name_latin: None,
        name_pinyin: None,
        former_names: vec![],
        gender: known.gender,
        birth_year: known.birth_year,
        city: Some(line(known.city)?),
        country: known.country.map(line).transpose()?,
        employer: known.employer.map(line).transpose()?,
        title: known.title.map(line).transpose()?,
        industry: known.industry.map(line).transpose()?,
        alumni_status: AlumniStatus::Verified,
        key_contact: serial.is_multiple_of(20),
        deceased_on: None,
        do_not_contact: false,
    };
    let person = people::create_person(tx, &new).await?.id;
    let class = made.classes.get(class).ok_or_else(|| broken("an unknown class"))?;
    let study = NewEducation {
        college_id: class.college_id,
        major: Some(line(&class.major)?),
        class_group_id: Some(class.id),
        level: Some(Level::Bachelor),
        entry_year: class.entry_year,
        graduation_year: class.graduation_year,
        student_no: Some(line(&format!("D{serial:07}"))?),
    };
    people::create_education(tx, person, &study).await?;
    made.people.push(person);
    Ok(person)
}

/// An event, drafted a month before and taken to its state.
async fn make_event(tx: &mut Tx, made: &Made, event: &facts::Event) -> Result<()> {
    let new = NewEvent {
        kind: word(event.kind)?,
        title: line(event.title)?,
        title_en: Some(line(event.title_en)?),
        summary: Prose::parse(event.summary),
        starts_local: LocalTime(local(event.starts_local)?),
        ends_local: LocalTime(local(event.ends_local)?),
        time_zone: event.time_zone.to_owned(),
        venue_text: Some(line(event.venue_text)?),
        city: Some(line(event.city)?),
        online_url: None,
        capacity: event.capacity,
        waitlist: event.waitlist,
        max_party: None,
        registration_opens_at: None,
        registration_closes_at: None,
        audience: Audience::default(),
        questions: events::Questions::default(),
        sequence_no: event.sequence_no,
    };
    let begins = Utc.from_utc_datetime(&new.starts_local.0);
    tx.travel(begins - Days::new(30));
    let id = events::create_event(tx, find(&made.organizations, event.host)?, &new).await?.id;
    let path: &[events::Status] = match event.status {
        "draft" => &[],
        "submitted" => &[events::Status::Submitted],
        "cancelled" => {
            &[events::Status::Submitted, events::Status::Approved, events::Status::Published, events::Status::Cancelled]
        }
        _ => &[events::Status::Submitted, events::Status::Approved, events::Status::Published],
    };
    for to in path {
        events::step_event(tx, id, *to, &StepBody::default()).await?;
    }
    if event.status == "completed" {
        for person in made.people.iter().skip(usize::try_from(begins.day()).unwrap_or(0)).take(12) {
            registration::register(tx, id, &NewRegistration::of(*person)).await?;
        }
        tx.travel(begins + Days::new(1));
        events::step_event(tx, id, events::Status::Completed, &StepBody::default()).await?;
    }
    Ok(())
}

/// What one may still sign up for: days from today, host, kind, titles, city, seats, whether one may wait.
#[expect(clippy::type_complexity, reason = "a table of three rows")]
const COMING: [(u64, &str, &str, &str, &str, &str, Option<i32>, bool); 3] = [
    (
        30,
        "shenzhen",
        "forum",
        "校友主题论坛：湾区与归校",
        "Alumni Forum: The Bay Area and Homecoming",
        "深圳",
        Some(3),
        true,
    ),
    (45, "association", "lecture", "知名校友论坛", "Distinguished Alumni Forum", "青岛", Some(200), false),
    (60, "shijiazhuang", "seminar", "石家庄校友座谈会", "Shijiazhuang Alumni Seminar", "石家庄", None, false),
];

async fn make_coming_events(tx: &mut Tx, made: &Made) -> Result<()> {
    let today = tx.today();
    for (days, host, kind, title, title_en, city, capacity, waitlist) in COMING {
        let date = today + Days::new(days);
        let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).map(|time| LocalTime(date.and_time(time)));
        let new = NewEvent {
            kind: word(kind)?,
            title: line(title)?,
            title_en: Some(line(title_en)?),
            summary: None,
            starts_local: at(14).ok_or_else(|| broken("a time"))?,
            ends_local: at(17).ok_or_else(|| broken("a time"))?,
            time_zone: "Asia/Shanghai".to_owned(),
            venue_text: None,
            city: Some(line(city)?),
            online_url: None,
            capacity,
            waitlist,
            max_party: None,
            registration_opens_at: None,
            registration_closes_at: None,
            audience: Audience::default(),
            questions: events::Questions::default(),
            sequence_no: None,
        };
        let id = events::create_event(tx, find(&made.organizations, host)?, &new).await?.id;
        for to in [events::Status::Submitted, events::Status::Approved, events::Status::Published] {
            events::step_event(tx, id, to, &StepBody::default()).await?;
        }
    }
    Ok(())
}

fn scope_of(made: &Made, scope: facts::Scope) -> Result<ScopeBody> {
    let scope = match scope {
        facts::Scope::All => Scope::All,
        facts::Scope::Organization(code) => Scope::Organization(find(&made.organizations, code)?),
        facts::Scope::College(code) => Scope::College(find(&made.colleges, code)?),
        facts::Scope::ClassGroup(class) => {
            Scope::ClassGroup(made.classes.get(class).ok_or_else(|| broken("an unknown class"))?.id)
        }
    };
    Ok(scope.into())
}

fn find<T: Copy>(made: &HashMap<&str, T>, code: &str) -> Result<T> {
    made.get(code).copied().ok_or_else(|| broken(&format!("unknown code {code}")))
}

fn word<W: Word>(text: &str) -> Result<W> {
    named(text).ok_or_else(|| broken(&format!("unknown word {text}")))
}

fn line(text: &str) -> Result<Line> {
    Line::parse(text).ok_or_else(|| broken("a control character"))
}

fn day(text: &str) -> Result<NaiveDate> {
    text.parse().map_err(Error::internal)
}

fn local(text: &str) -> Result<NaiveDateTime> {
    text.parse().map_err(Error::internal)
}

/// Noon at the office on a day.
fn noon(date: &str) -> Result<DateTime<Utc>> {
    let four = NaiveTime::from_hms_opt(4, 0, 0).ok_or_else(|| broken("a time"))?;
    Ok(Utc.from_utc_datetime(&day(date)?.and_time(four)))
}

fn broken(what: &str) -> Error {
    Error::internal(format!("the demo's facts are broken: {what}"))
}
