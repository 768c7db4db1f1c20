//! Random sequences against a queue in memory: after every step, states and places are the model's.

use std::collections::HashMap;

use actix_web::rt::System;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::{Actor, App};

#[derive(Debug, Clone)]
enum Step {
    /// A party of that size, cut to the capacity.
    Register(i64),
    /// The nth of those that were ever made.
    Withdraw(usize),
    /// That many seats more.
    Raise(i64),
}

/// First in, first out, by party; nobody overtakes.
#[derive(Debug, Default)]
struct Model {
    capacity: i64,
    waitlist: bool,
    sizes: HashMap<String, i64>,
    seated: Vec<String>,
    queue: Vec<String>,
}

impl Model {
    fn taken(&self) -> i64 {
        self.seated.iter().map(|id| self.sizes[id]).sum()
    }

    fn seats(&self, size: i64) -> bool {
        self.queue.is_empty() && self.taken() + size <= self.capacity
    }

    fn register(&mut self, id: String, size: i64) {
        let seated = self.seats(size);
        self.sizes.insert(id.clone(), size);
        if seated { self.seated.push(id) } else { self.queue.push(id) }
    }

    fn withdraw(&mut self, id: &str) {
        self.seated.retain(|other| other != id);
        self.queue.retain(|other| other != id);
        self.promote();
    }

    fn promote(&mut self) {
        while let Some(head) = self.queue.first().cloned() {
            if self.taken() + self.sizes[&head] > self.capacity {
                return;
            }
            self.queue.remove(0);
            self.seated.push(head);
        }
    }

    /// State and place of a registration.
    fn place(&self, id: &str) -> (&str, Option<i64>) {
        let place = self.queue.iter().zip(1..).find(|(other, _)| *other == id);
        match place {
            Some((_, place)) => ("waitlisted", Some(place)),
            None if self.seated.iter().any(|other| other == id) => ("confirmed", None),
            None => ("withdrawn", None),
        }
    }
}

async fn play(
    app: &App,
    secretary: &Actor,
    capacity: i64,
    waitlist: bool,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let event = app.published_event(json!({"capacity": capacity, "waitlist": waitlist})).await;
    let mut model = Model { capacity, waitlist, ..Model::default() };
    let mut made: Vec<String> = vec![];
    for step in steps {
        match step {
            Step::Register(size) => {
                let size = size.min(model.capacity);
                let answer = secretary.register(&event, json!({"guest_name": "来宾", "party_size": size})).await;
                if model.waitlist || model.seats(size) {
                    prop_assert_eq!(answer.status, 201, "{}", answer.json);
                    let id = answer.text("id");
                    model.register(id.clone(), size);
                    prop_assert_eq!(answer.place(), model.place(&id));
                    made.push(id);
                } else {
                    prop_assert_eq!((answer.status, answer.text("code")), (409, "event_full".to_owned()));
                }
            }
            Step::Withdraw(nth) if !made.is_empty() => {
                let id = &made[nth % made.len()];
                let answer = secretary.delete(&format!("/registrations/{id}")).await;
                prop_assert_eq!(answer.status, 204, "{}", answer.json);
                model.withdraw(id);
            }
            Step::Withdraw(_) => (),
            Step::Raise(by) => {
                model.capacity += by;
                let answer = secretary.patch(&event, json!({"capacity": model.capacity})).await;
                prop_assert_eq!(answer.status, 200, "{}", answer.json);
                model.promote();
            }
        }
        let rows = secretary.all(&format!("{event}/registrations")).await;
        prop_assert_eq!(rows.len(), made.len());
        for row in &rows {
            let told = (row["status"].as_str().unwrap(), row["queue_position"].as_i64());
            prop_assert_eq!(told, model.place(row["id"].as_str().unwrap()));
        }
        let seats = app.seats(&event).await;
        prop_assert_eq!(seats["seats_taken"].as_i64(), Some(model.taken()));
        prop_assert_eq!(seats["waiting"].as_u64(), Some(model.queue.len() as u64));
    }
    Ok(())
}

#[test]
fn random_comings_and_goings_are_those_of_a_queue_in_memory() {
    let step = prop_oneof![
        6 => (1..=4_i64).prop_map(Step::Register),
        4 => any::<usize>().prop_map(Step::Withdraw),
        1 => (1..=3_i64).prop_map(Step::Raise),
    ];
    let game = (1..=6_i64, prop::bool::weighted(0.8), prop::collection::vec(step, 1..24));
    let config = Config { cases: 24, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    let system = System::new();
    let (app, secretary) = system.block_on(async {
        let app = App::start().await;
        let secretary = app.secretary_of("shenzhen").await;
        (app, secretary)
    });
    TestRunner::new(config)
        .run(&game, |(capacity, waitlist, steps)| system.block_on(play(&app, &secretary, capacity, waitlist, steps)))
        .unwrap();
}
