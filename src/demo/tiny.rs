//! The `tiny` demo: 200 people, the association, its branches and named chapters, accounts and a few events.

use chrono::{Datelike as _, NaiveDateTime};

use super::facts::{ACCOUNTS, CLASSES, COMING, Class, EVENTS};
use super::names::Names;
use super::parts::{self, Guests, Known, Made};
use crate::access::tx::Tx;
use crate::base::error::{Error, Result};

const PEOPLE: usize = 200;
const SEED: u64 = 1969;

pub async fn make(tx: &mut Tx, password_hash: &str, say: &impl Fn(&str)) -> Result<()> {
    let now = tx.now();
    let mut made = Made::default();
    parts::make_organizations(tx, &mut made).await?;
    say(&format!("{} organizations in their states", made.organizations.len()));
    tx.travel(parts::noon("2019-01-07")?);
    parts::make_classes(tx, &mut made, CLASSES).await?;
    parts::make_accounts(tx, &mut made, password_hash).await?;
    let mut names = Names::new(SEED);
    let others = (made.people.len() + 1..=PEOPLE).map(|serial| somebody(&mut names, serial)).collect::<Vec<_>>();
    parts::make_people(tx, &mut made, &others).await?;
    say(&format!("{} people, {} classes, {} accounts", made.people.len(), made.classes.len(), ACCOUNTS.len()));
    for event in EVENTS {
        let mut guests = Guests::default();
        if event.status == "completed" {
            // Twelve, others on each day of the month.
            let day = event.starts_local.parse::<NaiveDateTime>().map_err(Error::internal)?.day();
            let some = made.people.iter().skip(usize::try_from(day).unwrap_or(0)).take(12);
            guests.people = some.map(|alumnus| alumnus.id).collect();
        }
        parts::make_event(tx, &mut made, event, guests).await?;
    }
    tx.travel(now);
    for coming in COMING {
        parts::make_coming_event(tx, &mut made, coming, Guests::default()).await?;
    }
    say(&format!("{} events", made.events));
    Ok(())
}

fn somebody(names: &mut Names, serial: usize) -> Known {
    let class = serial % CLASSES.len();
    let leaves = CLASSES.get(class).map_or(2000, Class::leaves);
    Known { class, key_contact: serial.is_multiple_of(20), ..names.person(leaves - 22).into() }
}
