//! A random world: a tree of organizations, colleges, people, events, accounts and their grants.

use homecoming::base::clock::Clock;

use crate::support::{Actor, App, fresh_id};

/// Numbers that follow from a seed (`SplitMix64`).
pub struct Dice(pub u64);

impl Dice {
    /// One of `0..sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap() % sides
    }
}

pub struct Organization {
    pub id: String,
    pub parent: Option<usize>,
    pub college: Option<usize>,
    pub is_active: bool,
    depth: usize,
}

pub struct Event {
    pub id: String,
    pub host: usize,
    pub is_public: bool,
}

pub struct Person {
    pub id: String,
    /// College and class of each study.
    pub studies: Vec<(usize, Option<usize>)>,
}

/// Where a grant holds, as positions in the world.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    All,
    Organization(usize),
    College(usize),
    Class(usize),
    Event(usize),
}

#[derive(Debug)]
pub struct Grant {
    pub role: &'static str,
    pub place: Place,
    /// First and last day, from today.
    pub days: (i64, Option<i64>),
}

pub struct Account {
    pub actor: Actor,
    pub grants: Vec<Grant>,
    pub person: Option<usize>,
}

pub struct World {
    pub app: App,
    pub colleges: Vec<String>,
    /// Id and college.
    pub classes: Vec<(String, usize)>,
    pub organizations: Vec<Organization>,
    pub events: Vec<Event>,
    pub people: Vec<Person>,
    pub accounts: Vec<Account>,
}

const ROLES: [&str; 9] = [
    "office_staff",
    "office_director",
    "college_admin",
    "chapter_secretary",
    "treasurer",
    "liaison",
    "check_in",
    "auditor",
    "system_admin",
];

impl World {
    /// A world in a database of its own. Organizations are made over HTTP, so that the tree is the program's.
    pub async fn make(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let mut world = Self {
            app: App::empty().await,
            colleges: vec![],
            classes: vec![],
            organizations: vec![],
            events: vec![],
            people: vec![],
            accounts: vec![],
        };
        world.make_colleges().await;
        world.make_organizations(&mut dice).await;
        world.make_events(&mut dice).await;
        world.make_people(&mut dice).await;
        for _ in 0..8 {
            world.make_account(&mut dice).await;
        }
        world
    }

    async fn make_colleges(&mut self) {
        let office = self.app.holder("office_staff", "all", "").await;
        for n in 0..3 {
            let new = serde_json::json!({"code": format!("c{n}"), "name": "x"});
            let college = office.post("/colleges", new).await.expect(201).text("id");
            for year in [2000, 2001] {
                let new = serde_json::json!({"college_id": college, "major": "x", "entry_year": year});
                let class = office.post("/class-groups", new).await.expect(201).text("id");
                self.classes.push((class, n));
            }
            self.colleges.push(college);
        }
    }

    async fn make_organizations(&mut self, dice: &mut Dice) {
        let office = self.app.holder("office_staff", "all", "").await;
        for n in 0..12 {
            let parents: Vec<_> = (0..n).filter(|at| self.organizations[*at].depth < 4).collect();
            let parent = (n > 0).then(|| parents[dice.roll(parents.len())]);
            let college = (n > 0 && dice.roll(2) == 0).then(|| dice.roll(3));
            let kind = if n == 0 { "association" } else { "regional_chapter" };
            let new = serde_json::json!({
                "kind": kind, "name": "x", "code": format!("o{n}"),
                "parent_id": parent.map(|at| self.organizations[at].id.clone()),
                "college_id": college.map(|at| self.colleges[at].clone()),
            });
            let id = office.post("/organizations", new).await.expect(201).text("id");
            let is_active = dice.roll(3) == 0;
            if is_active {
                self.app.sql(&format!("update organizations set status = 'active' where id = '{id}'")).await;
            }
            let depth = parent.map_or(0, |at| self.organizations[at].depth + 1);
            self.organizations.push(Organization { id, parent, college, is_active, depth });
        }
    }

    async fn make_events(&mut self, dice: &mut Dice) {
        let office = self.app.holder("office_staff", "all", "").await;
        for _ in 0..12 {
            let host = dice.roll(self.organizations.len());
            let path = format!("/organizations/{}/events", self.organizations[host].id);
            let id = office.post(&path, crate::support::draft_body()).await.expect(201).text("id");
            let is_public = dice.roll(6) == 0;
            if is_public {
                self.app
                    .sql(&format!("update events set status = 'published', published_at = now() where id = '{id}'"))
                    .await;
            }
            self.events.push(Event { id, host, is_public });
        }
    }

    async fn make_people(&mut self, dice: &mut Dice) {
        let office = self.app.holder("office_staff", "all", "").await;
        for _ in 0..10 {
            let id = office.post("/people", serde_json::json!({"name": "某某"})).await.expect(201).text("id");
            let mut studies = vec![];
            for _ in 0..dice.roll(3) {
                let class = dice.roll(self.classes.len());
                let college = self.classes[class].1;
                let class = (dice.roll(3) > 0).then_some(class);
                let new = serde_json::json!({"college_id": self.colleges[college], "class_group_id": class.map(|at| self.classes[at].0.clone())});
                office.post(&format!("/people/{id}/educations"), new).await.expect(201);
                studies.push((college, class));
            }
            self.people.push(Person { id, studies });
        }
    }

    async fn make_account(&mut self, dice: &mut Dice) {
        let (account, actor) = self.app.somebody().await;
        let person = self.accounts.len();
        let person = (dice.roll(2) == 0).then_some(person);
        if let Some(at) = person {
            let id = &self.people[at].id;
            self.app.sql(&format!("update accounts set person_id = '{id}' where id = '{account}'")).await;
        }
        let mut grants = vec![];
        for _ in 0..dice.roll(4) {
            let place = match dice.roll(12) {
                0 => Place::All,
                1..6 => Place::Organization(dice.roll(self.organizations.len())),
                6..9 => Place::College(dice.roll(self.colleges.len())),
                9..11 => Place::Class(dice.roll(self.classes.len())),
                _ => Place::Event(dice.roll(self.events.len())),
            };
            let days = [(-9, None), (-9, Some(9)), (-9, Some(9)), (-9, Some(-2)), (2, None)][dice.roll(5)];
            let grant = Grant { role: ROLES[dice.roll(ROLES.len())], place, days };
            self.give(&account, &grant).await;
            grants.push(grant);
        }
        self.accounts.push(Account { actor, grants, person });
    }

    async fn give(&self, account: &str, grant: &Grant) {
        let (kind, id) = match grant.place {
            Place::All => ("all", ""),
            Place::Organization(at) => ("organization", self.organizations[at].id.as_str()),
            Place::College(at) => ("college", self.colleges[at].as_str()),
            Place::Class(at) => ("class_group", self.classes[at].0.as_str()),
            Place::Event(at) => ("event", self.events[at].id.as_str()),
        };
        let today = Clock::wall().date_naive();
        let day = |days: i64| format!("'{}'", today + chrono::TimeDelta::days(days));
        let to = grant.days.1.map_or("null".to_owned(), day);
        self.app.give_for(account, grant.role, kind, id, &day(grant.days.0), &to).await;
    }
}

/// So that a world without anybody is told from one that was never made.
#[test]
fn the_dice_follow_from_their_seed() {
    let rolls = |seed| (0..20).map(move |_| 0).scan(Dice(seed), |dice, _: i32| Some(dice.roll(6))).collect::<Vec<_>>();
    assert_eq!(rolls(1), rolls(1));
    assert_ne!(rolls(1), rolls(2));
    assert_ne!(fresh_id(), fresh_id());
}
