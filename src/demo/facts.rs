//! The demo year as data: one alumni office's 2019, after FACTS.
//!
//! FACTS says what happened and how often, rarely when. **Chosen here, not given there**: every
//! date and document number, the names of the seventeen colleges, the classes and their sizes, the
//! titles, places and capacities of events and how many signed up for
//! them (but for the reunions), how many are known of each class, and the names of the holders of accounts. All people
//! are invented. Dates are `YYYY-MM-DD`, local times `YYYY-MM-DDTHH:MM:SS`; codes are stable, and
//! kinds, states and roles are written as the API writes them.

mod accounts;
mod classes;
mod colleges;
mod coming;
mod events;
mod lectures;
mod organizations;
mod reunions;

pub use accounts::{ACCOUNTS, Account, Scope};
pub use classes::{CLASSES, Class, PEOPLE, demo_classes, people_of_classes, reunions_2019};
pub use colleges::{COLLEGES, College};
pub use coming::{COMING, Coming, MORE_COMING};
pub use events::{EVENTS, Event, demo_events};
pub use organizations::{ASSOCIATION, BRANCHES, CHAPTERS, Chapter, LEGAL_REGISTRATION, OFFICERS_ADJUSTED, Step, Term};
pub use reunions::{Reunion, reunion_events};

/// What the office counted in 2019: the yardstick of a report made from the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// A2: changes of the association's officers.
    pub changes_of_officers: u32,
    /// A3: college branches that became active.
    pub branches_founded: u32,
    /// A4: chapters that became active.
    pub chapters_founded: u32,
    /// A5: re-election meetings held.
    pub re_elections: u32,
    /// A6: themed forums with annual meeting held.
    pub annual_meetings: u32,
    /// A7: chapters whose preparations are finished, still `preparing`.
    pub chapters_prepared: u32,
    /// A8: lectures of the distinguished-alumni forum ("nearly 40").
    pub lectures: u32,
    /// A9: classes that came back ("40-odd").
    pub reunion_classes: u32,
    /// A9: alumni who came with them ("over 2,000"; the exact number is chosen).
    pub reunion_alumni: u32,
    /// A11: appointment conferences of the graduates' council.
    pub appointment_conferences: u32,
    /// A12: newspapers posted each week ("over 920"; the exact number is chosen).
    pub weekly_copies: u32,
}

/// The figures of 2019. The demo must give back every one of them.
pub const FIGURES_2019: Figures = Figures {
    changes_of_officers: 1,
    branches_founded: 17,
    chapters_founded: 2,
    re_elections: 2,
    annual_meetings: 2,
    chapters_prepared: 4,
    lectures: 39,
    reunion_classes: 43,
    reunion_alumni: 2_036,
    appointment_conferences: 1,
    weekly_copies: 926,
};

#[cfg(test)]
mod tests;
