//! The figures: one value a round, their median against the goal.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Which side of the goal is good.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum At {
    Least,
    Most,
}

/// A figure, its goal and what it is.
struct Figure {
    name: &'static str,
    at: At,
    goal: Option<f64>,
    about: &'static str,
}

const fn at_least(name: &'static str, goal: f64, about: &'static str) -> Figure {
    Figure { name, at: At::Least, goal: Some(goal), about }
}

const fn at_most(name: &'static str, goal: f64, about: &'static str) -> Figure {
    Figure { name, at: At::Most, goal: Some(goal), about }
}

const fn told(name: &'static str, about: &'static str) -> Figure {
    Figure { name, at: At::Least, goal: None, about }
}

const FIGURES: &[Figure] = &[
    at_least("G1", 0.5, "an event by its id, signed in ÷ pgbench"),
    told("G1_work", "the same by processor time: what pgbench and PostgreSQL take ÷ client, server and PostgreSQL"),
    at_most("G1_cpu", 1.1, "the same: processor time of server ÷ PostgreSQL"),
    at_least("G2", 0.5, "a page of 50 events, signed in ÷ pgbench"),
    told("G2_work", "the same by processor time"),
    at_least("G2_public", 0.5, "the same for anybody ÷ pgbench"),
    told("G2_public_work", "the same by processor time"),
    at_most("G3", 1.0, "processor time of a 304 ÷ of the whole answer"),
    at_least("G5", 3.0, "seats/s with 50 connections ÷ the obvious way in SQL"),
    told("G5_16", "the same with 16 connections"),
    at_most("G5_p99", 250.0, "ms, 99 of 100 who want a seat have their answer"),
    at_most("G5_faults", 0.0, "sold too many, too few, twice, or out of order"),
    at_most("G10", 3.0, "p99 of reads beside 50 sign-ins ÷ alone"),
    at_most("G10_memory", 20.0, "MiB more beside 50 sign-ins"),
    told("G10_logins", "sign-ins a second meanwhile"),
    at_most("G11", 64.0, "MiB after the start"),
    at_most("G11_loaded", 128.0, "MiB at the most under load"),
    at_most("G11_start", 100.0, "ms to be ready, the database running"),
];

/// What was measured.
pub struct Figures {
    of: String,
    rounds: BTreeMap<&'static str, Vec<f64>>,
    notes: BTreeMap<&'static str, String>,
}

impl Figures {
    /// Of this commit.
    pub fn new(of: &str) -> Self {
        Self { of: of.to_owned(), rounds: BTreeMap::new(), notes: BTreeMap::new() }
    }

    /// The value of one more round.
    pub fn add(&mut self, name: &'static str, value: f64) {
        self.rounds.entry(name).or_default().push(value);
    }

    /// What the last round was in absolute numbers.
    pub fn note(&mut self, name: &'static str, note: &str) {
        self.notes.insert(name, note.to_owned());
    }

    /// Why there is no value.
    pub fn missing(&mut self, name: &'static str, why: &str) {
        self.notes.insert(name, format!("not measured: {why}"));
    }

    /// For people.
    pub fn print(&self) {
        println!("\n{}", self.of);
        println!("{:14} {:>9} {:>9}      rounds", "", "median", "goal");
        for figure in FIGURES {
            let rounds = self.rounds.get(figure.name).map_or(&[][..], Vec::as_slice);
            let value = median(rounds).map_or("–".to_owned(), shown);
            let mark = match figure.met(rounds) {
                None => " ",
                Some(true) => "✓",
                Some(false) => "✗",
            };
            let wanted = figure.goal.map_or(String::new(), |wanted| {
                format!("{} {}", if figure.at == At::Least { "≥" } else { "≤" }, shown(wanted))
            });
            let rounds: Vec<String> = rounds.iter().copied().map(shown).collect();
            println!("{:14} {value:>9} {wanted:>9} {mark}    {}", figure.name, rounds.join(" "));
            println!("{:14} {}", "", figure.about);
            if let Some(note) = self.notes.get(figure.name) {
                println!("{:14} last {note}", "");
            }
        }
    }

    /// For programs.
    pub fn json(&self) -> String {
        let mut all = serde_json::Map::new();
        all.insert("of".to_owned(), json!(self.of));
        for figure in FIGURES {
            let rounds = self.rounds.get(figure.name).map_or(&[][..], Vec::as_slice);
            let told = json!({
                "value": median(rounds), "goal": figure.goal, "goal_is": if figure.at == At::Least { "least" } else { "most" },
                "met": figure.met(rounds), "rounds": rounds, "about": figure.about, "note": self.notes.get(figure.name),
            });
            all.insert(figure.name.to_owned(), told);
        }
        format!("{:#}\n", Value::Object(all))
    }
}

impl Figure {
    fn met(&self, rounds: &[f64]) -> Option<bool> {
        let (value, goal) = (median(rounds)?, self.goal?);
        Some(if self.at == At::Least { value >= goal } else { value <= goal })
    }
}

fn median(rounds: &[f64]) -> Option<f64> {
    let mut sorted = rounds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.get(sorted.len() / 2).copied()?;
    match sorted.len() % 2 {
        1 => Some(middle),
        _ => Some(f64::midpoint(middle, sorted[sorted.len() / 2 - 1])),
    }
}

fn shown(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
