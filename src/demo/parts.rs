//! The parts that every size of the demo is put together from, each made through the actions of its slice.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};

use super::facts::{self, ACCOUNTS, ASSOCIATION, BRANCHES, CHAPTERS, COLLEGES, Chapter, Class, Coming, Event};
use super::names;
use crate::access::Role;
use crate::access::tx::Tx;
use crate::accounts::{self, NewAccount, NewGrant};
use crate::base::error::{Error, Result};
use crate::base::ids::{CollegeId, EventId, OrganizationId, PersonId, RegistrationId};
use crate::base::local::LocalTime;
use crate::base::scope::{Scope, ScopeBody};
use crate::base::state::{Word, named};
use crate::base::text::{Line, Prose};
use crate::colleges::{self, ClassGroup, NewClassGroup, NewCollege};
use crate::events::registration::{self, NewRegistration};
use crate::events::{self, Audience, NewEvent, Questions, Status, StepBody};
use crate::organizations::{self, NewOrganization, NewTransition};
use crate::people::{self, AlumniStatus, Gender, Level, NewEducation, NewPerson};

/// Everything made so far that later parts refer to.
#[derive(Default)]
pub struct Made {
    /// By code.
    pub colleges: HashMap<&'static str, CollegeId>,
    /// By code.
    pub organizations: HashMap<&'static str, OrganizationId>,
    /// In the order of the facts.
    pub classes: Vec<ClassGroup>,
    /// In the order of making; those of the accounts come first.
    pub people: Vec<Alumnus>,
    /// How many of the people have an account.
    pub with_account: usize,
    /// How many events.
    pub events: usize,
    /// How many registrations.
    pub registrations: usize,
}

/// Somebody who was made.
#[derive(Debug, Clone, Copy)]
pub struct Alumnus {
    /// Who.
    pub id: PersonId,
    /// Their class, a position in [`Made::classes`].
    pub class: usize,
    /// Where they live.
    pub city: &'static str,
}

/// Somebody to be made.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Their class, a position in [`Made::classes`].
    pub class: usize,
    /// Their name.
    pub name: String,
    /// Where they live.
    pub city: &'static str,
    /// ISO 3166-1, two letters.
    pub country: Option<&'static str>,
    /// Where it is known.
    pub gender: Option<Gender>,
    /// Where it is known.
    pub birth_year: Option<i16>,
    /// Where they work,
    pub employer: Option<&'static str>,
    /// as what,
    pub title: Option<&'static str>,
    /// and in which industry (its code).
    pub industry: Option<&'static str>,
    /// An alumnus who is recognised, unless something else is said.
    pub status: Option<AlumniStatus>,
    /// 重点校友.
    pub key_contact: bool,
    /// Whether they stayed on for a master's degree.
    pub master: bool,
}

impl From<names::Person> for Known {
    fn from(someone: names::Person) -> Self {
        Self {
            name: someone.name,
            city: someone.city.name,
            country: Some(someone.city.country),
            gender: named::<Gender>(someone.gender),
            birth_year: Some(someone.birth_year),
            employer: someone.employer,
            title: someone.title,
            industry: someone.industry.map(|industry| industry.code),
            ..Self::default()
        }
    }
}

/// The colleges, and the organizations with every dated step of their lives.
pub async fn make_organizations(tx: &mut Tx, made: &mut Made) -> Result<()> {
    tx.travel(noon("2012-02-20")?);
    for college in COLLEGES {
        let new = NewCollege {
            code: college.code.to_owned(),
            name: line(college.name)?,
            name_en: Some(line(college.name_en)?),
            campus: Some(line(college.campus)?),
        };
        made.colleges.insert(college.code, colleges::create_college(tx, &new).await?.id);
    }
    for chapter in std::iter::once(&ASSOCIATION).chain(BRANCHES).chain(CHAPTERS) {
        make_organization(tx, made, chapter).await?;
    }
    Ok(())
}

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

/// The classes, in their order.
pub async fn make_classes(tx: &mut Tx, made: &mut Made, classes: &[Class]) -> Result<()> {
    for class in classes {
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

/// The accounts with their grants, and before them the people whom they belong to.
pub async fn make_accounts(tx: &mut Tx, made: &mut Made, password_hash: &str) -> Result<()> {
    let alumni = ACCOUNTS.iter().filter_map(|account| {
        let name = account.name.to_owned();
        account.class.map(|class| Known { class, name, city: account.city, ..Known::default() })
    });
    make_people(tx, made, &alumni.collect::<Vec<_>>()).await?;
    made.with_account = made.people.len();
    let mut people = made.people.iter();
    for account in ACCOUNTS {
        let person = account.class.and_then(|_| people.next());
        let new = NewAccount {
            name: account.name.to_owned(),
            email: account.email(),
            password_hash: password_hash.to_owned(),
            person_id: person.map(|person| person.id),
        };
        let id = accounts::create_account(tx, &new).await?;
        if let (Some(role), Some(scope)) = (account.role, account.scope) {
            let new =
                NewGrant { role: word::<Role>(role)?, scope: scope_of(made, scope)?, starts_on: None, ends_on: None };
            accounts::grant(tx, id, &new).await?;
        }
    }
    Ok(())
}

/// People with what they studied.
pub async fn make_people(tx: &mut Tx, made: &mut Made, known: &[Known]) -> Result<()> {
    let new: Result<Vec<NewPerson>> = known.iter().map(new_person).collect();
    let people = people::create_people(tx, &new?).await?;
    let mut studies = vec![];
    for (known, person) in known.iter().zip(people) {
        let class = made.classes.get(known.class).ok_or_else(|| broken("an unknown class"))?;
        made.people.push(Alumnus { id: person.id, class: known.class, city: known.city });
        let serial = made.people.len();
        let bachelor = NewEducation {
            college_id: class.college_id,
            major: Some(line(&class.major)?),
            class_group_id: Some(class.id),
            level: Some(Level::Bachelor),
            entry_year: class.entry_year,
            graduation_year: class.graduation_year,
            student_no: Some(line(&format!("D{serial:07}"))?),
        };
        studies.push((person.id, bachelor));
        if known.master {
            let master = NewEducation {
                college_id: class.college_id,
                major: Some(line(&class.major)?),
                class_group_id: None,
                level: Some(Level::Master),
                entry_year: class.graduation_year,
                graduation_year: class.graduation_year.map(|year| year + 3),
                student_no: Some(line(&format!("M{serial:07}"))?),
            };
            studies.push((person.id, master));
        }
    }
    let studies: Vec<_> = studies.iter().map(|(person, study)| (*person, study)).collect();
    people::create_educations(tx, &studies).await.map(drop)
}

fn new_person(known: &Known) -> Result<NewPerson> {
    Ok(NewPerson {
        name: line(&known.name)?,
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
        alumni_status: known.status.unwrap_or(AlumniStatus::Verified),
        key_contact: known.key_contact,
        deceased_on: None,
        do_not_contact: false,
    })
}

/// Whom an event is for, what it asks, and who signs up for it.
#[derive(Default)]
pub struct Guests {
    /// Everybody unless said.
    pub audience: Audience,
    /// None unless said.
    pub questions: Questions,
    /// In their order.
    pub people: Vec<PersonId>,
}

/// An event of the year: drafted a month before, with its guests, and completed the day after where it was.
pub async fn make_event(tx: &mut Tx, made: &mut Made, event: &Event<'_>, guests: Guests) -> Result<()> {
    let begins = Utc.from_utc_datetime(&local(event.starts_local)?);
    tx.travel(begins - Days::new(30));
    let id = take_event(tx, made, event, guests).await?;
    if event.status == "completed" {
        tx.travel(begins + Days::new(1));
        events::step_event(tx, id, Status::Completed, &StepBody::default()).await?;
    }
    Ok(())
}

/// An event that lies ahead of the day at which the transaction is.
pub async fn make_coming_event(tx: &mut Tx, made: &mut Made, coming: &Coming, guests: Guests) -> Result<()> {
    let (starts, ends) = coming.times(tx.today());
    let event = Event { starts_local: &starts, ends_local: &ends, ..coming.event };
    take_event(tx, made, &event, guests).await.map(drop)
}

/// Drafts an event, takes it as far as it went before it began, and registers its guests.
async fn take_event(tx: &mut Tx, made: &mut Made, event: &Event<'_>, guests: Guests) -> Result<EventId> {
    let new = NewEvent {
        kind: word(event.kind)?,
        title: line(event.title)?,
        title_en: Some(line(event.title_en)?),
        summary: Prose::parse(event.summary).filter(|text| !text.is_empty()),
        starts_local: LocalTime(local(event.starts_local)?),
        ends_local: LocalTime(local(event.ends_local)?),
        time_zone: event.time_zone.to_owned(),
        venue_text: Some(line(event.venue_text)?).filter(|text| !text.is_empty()),
        city: Some(line(event.city)?),
        online_url: None,
        capacity: event.capacity,
        waitlist: event.waitlist,
        max_party: None,
        registration_opens_at: None,
        registration_closes_at: None,
        audience: guests.audience,
        questions: guests.questions,
        sequence_no: event.sequence_no,
    };
    let id = events::create_event(tx, find(&made.organizations, event.host)?, &new).await?.id;
    let steps: &[Status] = match event.status {
        "draft" => &[],
        "submitted" => &[Status::Submitted],
        "approved" => &[Status::Submitted, Status::Approved],
        "cancelled" => &[Status::Submitted, Status::Approved, Status::Published, Status::Cancelled],
        _ => &[Status::Submitted, Status::Approved, Status::Published],
    };
    for to in steps {
        events::step_event(tx, id, *to, &StepBody::default()).await?;
    }
    let parties: Vec<_> = guests.people.into_iter().map(NewRegistration::of).collect();
    if !parties.is_empty() {
        let registered: Vec<RegistrationId> = registration::register_all(tx, id, &parties).await?;
        made.registrations += registered.len();
    }
    made.events += 1;
    Ok(id)
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
pub fn noon(date: &str) -> Result<DateTime<Utc>> {
    let four = NaiveTime::from_hms_opt(4, 0, 0).ok_or_else(|| broken("a time"))?;
    Ok(Utc.from_utc_datetime(&day(date)?.and_time(four)))
}

/// The demo contradicts itself.
pub fn broken(what: &str) -> Error {
    Error::internal(format!("the demo's facts are broken: {what}"))
}
