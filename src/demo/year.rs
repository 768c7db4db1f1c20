//! The `demo` size: the office's whole 2019 with 5,000 people in 160 classes, and its coming weeks.
//!
//! Who came back in 2019 (A9) is as many as FACTS says. Chosen here: how many signed up for any other event, and of
//! the people who is a key contact (as many as get the newspapers of A12, from the classes that left before 2010),
//! who has a second degree, and who is not verified yet.

use chrono::Datelike as _;
use serde_json::{Value, json};

use super::facts::{
    ACCOUNTS, COMING, Coming, Event, FIGURES_2019, MORE_COMING, PEOPLE, Reunion, demo_classes, demo_events,
    people_of_classes, reunion_events,
};
use super::names::{Names, Random};
use super::parts::{self, Alumnus, Guests, Known, Made, broken};
use crate::access::tx::Tx;
use crate::base::error::{Error, Result};
use crate::base::ids::PersonId;
use crate::events::{Audience, AudienceKind};
use crate::people::AlumniStatus;

const SEED: u64 = 2019;

pub async fn make(tx: &mut Tx, password_hash: &str, say: &impl Fn(&str)) -> Result<()> {
    let now = tx.now();
    let mut made = Made::default();
    parts::make_organizations(tx, &mut made).await?;
    say(&format!("organizations {}, each in its state", made.organizations.len()));
    tx.travel(parts::noon("2019-01-07")?);
    parts::make_classes(tx, &mut made, &demo_classes()).await?;
    parts::make_accounts(tx, &mut made, password_hash).await?;
    say(&format!("classes {}, accounts {}", made.classes.len(), ACCOUNTS.len()));
    make_people(tx, &mut made, say).await?;
    let mut random = Random::new(SEED);
    for reunion in &reunion_events() {
        let guests = of_class(&made, reunion)?;
        parts::make_event(tx, &mut made, &reunion.event(), guests).await?;
    }
    say(&format!("reunions {}, registrations {}", made.events, made.registrations));
    // The reunion of the smaller demo is among those.
    for event in demo_events().iter().filter(|event| event.kind != "reunion") {
        let guests = of_event(&made, event, &mut random)?;
        parts::make_event(tx, &mut made, event, guests).await?;
    }
    tx.travel(now);
    for coming in COMING.iter().chain(MORE_COMING) {
        let guests = ahead(tx, &made, coming, &mut random)?;
        parts::make_coming_event(tx, &mut made, coming, guests).await?;
    }
    say(&format!("events {}, registrations {}", made.events, made.registrations));
    say("writing the journal …");
    Ok(())
}

/// Fills each class up to as many as the demo knows of it.
async fn make_people(tx: &mut Tx, made: &mut Made, say: &impl Fn(&str)) -> Result<()> {
    let classes = demo_classes();
    let mut names = Names::new(SEED);
    let mut plan = vec![];
    for (place, (class, known)) in classes.iter().zip(people_of_classes()).enumerate() {
        let there = made.people.iter().filter(|alumnus| alumnus.class == place).count();
        let missing = usize::try_from(known).unwrap_or(0).saturating_sub(there);
        let leaves = class.leaves();
        let mut of_class = vec![];
        for order in 1..=missing {
            of_class.push(Known {
                class: place,
                status: match leaves {
                    2020.. => Some(AlumniStatus::Student),
                    _ => order.is_multiple_of(12).then_some(AlumniStatus::Unverified),
                },
                master: order.is_multiple_of(19) && class.graduation_year.is_some_and(|year| year + 3 <= 2019),
                ..names.person(leaves - 22).into()
            });
        }
        plan.push((leaves, of_class));
    }
    let elder = |leaves: i16| leaves < 2010;
    let candidates: usize = plan.iter().filter(|(leaves, _)| elder(*leaves)).map(|(_, of_class)| of_class.len()).sum();
    let mut key = Share::of(usize::try_from(FIGURES_2019.weekly_copies).unwrap_or(0), candidates);
    let mut told = 0;
    for (leaves, mut of_class) in plan {
        for known in of_class.iter_mut().filter(|_| elder(leaves)) {
            known.key_contact = key.next();
        }
        parts::make_people(tx, made, &of_class).await?;
        if made.people.len() / 1_000 > told {
            told = made.people.len() / 1_000;
            say(&format!("people {told},000 of {},000", PEOPLE / 1_000));
        }
    }
    Ok(())
}

/// Says yes so many times out of so many, evenly spread.
struct Share {
    yes: usize,
    all: usize,
    asked: usize,
}

impl Share {
    fn of(yes: usize, all: usize) -> Self {
        Self { yes, all, asked: 0 }
    }

    fn next(&mut self) -> bool {
        let before = (self.asked * self.yes).checked_div(self.all);
        self.asked += 1;
        (self.asked * self.yes).checked_div(self.all) > before
    }
}

/// Those of a class who came back.
fn of_class(made: &Made, reunion: &Reunion) -> Result<Guests> {
    let class = made.classes.get(reunion.class).ok_or_else(|| broken("an unknown class"))?;
    let people = made.people.iter().filter(|alumnus| alumnus.class == reunion.class);
    let alumni = usize::try_from(reunion.alumni).unwrap_or(0);
    Ok(Guests {
        audience: audience(AudienceKind::ClassGroup, vec![json!(class.id)]),
        people: people.take(alumni).map(|alumnus| alumnus.id).collect(),
        ..Guests::default()
    })
}

/// Those who live where an event is and signed up for it: some six to nine of ten seats, all of them and a few who
/// wait where it was never held.
fn of_event(made: &Made, event: &Event<'_>, random: &mut Random) -> Result<Guests> {
    let capacity = usize::try_from(event.capacity.unwrap_or(100)).map_err(Error::internal)?;
    let part = usize::try_from(60 + random.below(36)).unwrap_or(60);
    let count = match event.status {
        "completed" => capacity * part / 100,
        "published" => capacity + 6,
        _ => 0,
    };
    let mut guests = Guests::default();
    let near: Vec<&Alumnus> = if event.kind == "appointment" {
        // A11: the graduates of the year, wherever they went.
        guests.audience = audience(AudienceKind::GraduationYear, vec![json!(2019)]);
        let leaves = |alumnus: &&Alumnus| made.classes.get(alumnus.class).and_then(|class| class.graduation_year);
        made.people.iter().filter(|alumnus| leaves(alumnus) == Some(2019)).collect()
    } else if event.host == "cs-beijing" {
        let college = made.colleges.get("cs").copied();
        guests.audience = audience(AudienceKind::College, college.iter().map(|id| json!(id)).collect());
        let of = |alumnus: &&Alumnus| made.classes.get(alumnus.class).map(|class| class.college_id);
        made.people.iter().filter(|alumnus| alumnus.city == event.city && of(alumnus) == college).collect()
    } else {
        made.people.iter().filter(|alumnus| alumnus.city == event.city).collect()
    };
    let near: Vec<PersonId> = near.into_iter().map(|alumnus| alumnus.id).collect();
    guests.people = random.draw(&near, count);
    Ok(guests)
}

/// Who has signed up for what lies ahead: nobody who can sign in, so that visitors still may.
fn ahead(tx: &Tx, made: &Made, coming: &Coming, random: &mut Random) -> Result<Guests> {
    let year = tx.today().year();
    let near = made.people.iter().skip(made.with_account).filter(|alumnus| alumnus.city == coming.event.city);
    let near: Vec<PersonId> = near.map(|alumnus| alumnus.id).collect();
    let years: Vec<Value> = coming.years_ago.iter().map(|ago| json!(year - ago)).collect();
    Ok(Guests {
        audience: match years.as_slice() {
            [] => Audience::default(),
            _ => audience(AudienceKind::GraduationYear, years),
        },
        questions: serde_json::from_str(coming.questions).map_err(Error::internal)?,
        people: random.draw(&near, coming.registrations),
    })
}

fn audience(kind: AudienceKind, values: Vec<Value>) -> Audience {
    Audience { kind, values }
}
