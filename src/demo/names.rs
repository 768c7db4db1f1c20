//! Synthetic people for the demo: the same seed gives the same people on every machine.
//!
//! Nobody here is real. A name is put together from a surname, drawn as often as it occurs in
//! China, and characters that parents chose in that decade; like every common Chinese name it may
//! be borne by thousands. Employers are invented (all begin with 示例, "example"), telephone numbers
//! lie in a block in which no line exists (a mobile number never begins with 100), and e-mail goes
//! to a domain that cannot exist (`.example`, RFC 2606).

mod pools;

pub use pools::{CITIES, City, INDUSTRIES, Industry};
use pools::{
    HOME, LATIN_FAMILIES, RARE_SURNAMES, SURNAMES, TOP_TWENTY, TRANSCRIBED_FATHERS, given_names, latin_given,
    transcribed_given,
};

/// `SplitMix64` (Steele, Lea, Flood 2014): a tiny generator that is good enough to draw demo data and
/// never changes with a version of a library. Not for secrets.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator whose whole sequence follows from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 up to but not including `bound`; 0 where `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        match self.bits().checked_rem(bound) {
            Some(rest) => rest,
            None => 0,
        }
    }

    /// True in `permille` of 1000 cases.
    pub const fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// One of `items`, each as likely; `None` of an empty slice.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.weighted(items, |_| 1)
    }

    /// One of `items`, as likely as its weight says; `None` where all weights are 0.
    pub fn weighted<'a, T>(&mut self, items: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
        let mut rest = self.below(items.iter().map(&weight).sum());
        items.iter().find(|item| {
            let own = weight(item);
            let found = rest < own;
            rest = rest.saturating_sub(own);
            found
        })
    }

    /// So many of `items`, each at most once, in the order in which they were drawn; all where there are fewer.
    pub fn draw<T: Copy>(&mut self, items: &[T], count: usize) -> Vec<T> {
        let mut left = items.to_vec();
        let mut drawn = Vec::with_capacity(count);
        while drawn.len() < count && !left.is_empty() {
            let length = u64::try_from(left.len()).unwrap_or(0);
            drawn.push(left.swap_remove(usize::try_from(self.below(length)).unwrap_or(0)));
        }
        drawn
    }

    fn character(&mut self, pool: &str) -> Option<char> {
        let length = u64::try_from(pool.chars().count()).unwrap_or(0);
        let chosen = usize::try_from(self.below(length)).unwrap_or(0);
        pool.chars().nth(chosen)
    }
}

/// A synthetic person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// 1, 2, 3 … in the order of making; e-mail and telephone follow from it.
    pub serial: u32,
    /// The full name, surname first where it is Chinese.
    pub name: String,
    /// `male` or `female`.
    pub gender: &'static str,
    /// The year of birth.
    pub birth_year: i16,
    /// Where the person lives in the demo year.
    pub city: &'static City,
    /// The industry; `None` for students and the retired, like employer and title.
    pub industry: Option<&'static Industry>,
    /// An invented employer.
    pub employer: Option<&'static str>,
    /// The position held there.
    pub title: Option<&'static str>,
    /// `person-000001@demo.example`.
    pub email: String,
    /// `+86100` and the serial in eight digits: `+8610000000001`.
    pub phone: String,
}

/// Makes synthetic people: an endless iterator, or one by one with [`Names::person`].
#[derive(Debug, Clone)]
pub struct Names {
    random: Random,
    serial: u32,
}

impl Names {
    /// People whose whole sequence follows from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), serial: 0 }
    }

    /// The next person, born in `birth_year`: for a class, its entry year less 18 or 19.
    pub fn person(&mut self, birth_year: i16) -> Person {
        self.serial = self.serial.wrapping_add(1);
        let random = &mut self.random;
        let gender = if random.chance(380) { "female" } else { "male" };
        let city = random.weighted(CITIES, |city| city.weight).unwrap_or(&HOME);
        let works = (DEMO_YEAR - 59..DEMO_YEAR - 22).contains(&birth_year);
        let industry = random.weighted(INDUSTRIES, |industry| industry.weight).filter(|_| works);
        let name = if city.country != HOME.country && random.chance(400) {
            joined(random, latin_given(gender), ' ', LATIN_FAMILIES)
        } else if random.chance(4) {
            joined(random, transcribed_given(gender), '·', TRANSCRIBED_FATHERS)
        } else {
            chinese_name(random, gender, birth_year)
        };
        Person {
            serial: self.serial,
            name,
            gender,
            birth_year,
            city,
            industry,
            employer: industry.and_then(|i| random.pick(i.employers).copied()),
            title: industry.and_then(|i| title(random, i.titles, birth_year)),
            email: format!("person-{:06}@demo.example", self.serial),
            phone: format!("+86100{:08}", self.serial % 100_000_000),
        }
    }
}

impl Iterator for Names {
    type Item = Person;

    /// Somebody born between 1942 and 2001, the later the likelier, as classes grew.
    fn next(&mut self) -> Option<Person> {
        let (one, other) = (self.random.below(60), self.random.below(60));
        let year = 1942 + i16::try_from(one.max(other)).unwrap_or(0);
        Some(self.person(year))
    }
}

const DEMO_YEAR: i16 = 2019;

fn chinese_name(random: &mut Random, gender: &str, birth_year: i16) -> String {
    let decade = birth_year.div_euclid(10).clamp(194, 200) * 10;
    let (first, second, single) = given_names(gender, decade);
    let mut name = surname(random);
    // Over all ages 14 % of full names have two characters (report of 2019), most of them born in
    // the 1970s to 1990s.
    let short = match decade {
        1970 | 1990 => 220,
        1980 => 300,
        _ => 80,
    };
    if random.chance(short) {
        name.extend(random.character(single));
    } else {
        name.extend(random.character(first));
        name.extend(random.character(second));
    }
    name
}

fn surname(random: &mut Random) -> String {
    if random.chance(20) {
        return random.pick(RARE_SURNAMES).copied().unwrap_or("单").to_owned();
    }
    let ranked: Vec<(u64, char)> = (1..).zip(SURNAMES.chars()).collect();
    let weight = |rank: u64| {
        let place = usize::try_from(rank - 1).unwrap_or(0);
        TOP_TWENTY.get(place).copied().unwrap_or(25_000 / rank)
    };
    random.weighted(&ranked, |(rank, _)| weight(*rank)).map_or_else(String::new, |(_, surname)| surname.to_string())
}

/// A position that somebody of that age may hold: one step up in about eight years at most.
fn title(random: &mut Random, titles: &[&'static str], birth_year: i16) -> Option<&'static str> {
    let steps = usize::try_from((DEMO_YEAR - 22 - birth_year) / 8).unwrap_or(0);
    let reached: Vec<&'static str> = titles.iter().take(steps + 1).copied().collect();
    random.pick(&reached).copied()
}

fn joined(random: &mut Random, own: &[&str], between: char, family: &[&str]) -> String {
    let own = random.pick(own).copied().unwrap_or_default();
    let family = random.pick(family).copied().unwrap_or_default();
    format!("{own}{between}{family}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_same_seed_gives_the_same_people() {
        let people: Vec<Person> = Names::new(7).take(500).collect();
        assert_eq!(people, Names::new(7).take(500).collect::<Vec<_>>());
        assert_ne!(people, Names::new(8).take(500).collect::<Vec<_>>());
    }

    #[test]
    fn the_generator_is_splitmix64() {
        // The published sequence of seed 1234567.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn nobody_is_drawn_twice() {
        let items: Vec<u8> = (0..100).collect();
        let mut random = Random::new(5);
        for (count, expected) in [(0, 0), (30, 30), (100, 100), (200, 100)] {
            let drawn = random.draw(&items, count);
            assert_eq!((drawn.len(), drawn.iter().collect::<HashSet<_>>().len()), (expected, expected));
        }
    }

    #[test]
    fn surnames_come_as_often_as_in_life() {
        let people: Vec<Person> = Names::new(2019).take(20_000).collect();
        let share = |surname: &str| {
            let count = people.iter().filter(|p| p.name.starts_with(surname)).count();
            count * 1000 / people.len()
        };
        for (surname, least, most) in [("王", 64, 78), ("李", 64, 78), ("张", 60, 74), ("刘", 44, 58)] {
            assert!((least..=most).contains(&share(surname)), "{surname}: {}", share(surname));
        }
        assert!((1..=6).contains(&share("欧阳")), "{}", share("欧阳"));
        let rare = people.iter().filter(|p| RARE_SURNAMES.iter().any(|s| p.name.starts_with(s)));
        assert!((400..=1_000).contains(&rare.count()));
        let short = people.iter().filter(|p| p.name.chars().count() == 2).count();
        assert!((2_000..=5_000).contains(&short), "{short}");
    }

    #[test]
    fn nobody_can_be_called_or_written_to() {
        let people: Vec<Person> = Names::new(1).take(5_000).collect();
        for person in &people {
            assert!(person.phone.starts_with("+861000000") && person.phone.len() == 14);
            assert!(person.email.ends_with("@demo.example"));
            assert!(person.employer.is_none_or(|employer| employer.starts_with("示例")));
            assert!(person.name.chars().count() >= 2, "{}", person.name);
        }
        let phones: HashSet<&str> = people.iter().map(|p| p.phone.as_str()).collect();
        assert_eq!(phones.len(), people.len());
    }

    #[test]
    fn the_old_are_retired_and_some_live_abroad() {
        let mut names = Names::new(3);
        assert_eq!(names.person(1947).employer, None);
        assert!(names.person(1985).employer.is_some());
        let people: Vec<Person> = Names::new(4).take(5_000).collect();
        assert!(people.iter().any(|p| p.name.is_ascii()));
        assert!(people.iter().any(|p| p.name.contains('·')));
        assert!(people.iter().filter(|p| p.city.country != "CN").count() > 50);
    }

    #[test]
    fn the_lists_hold_what_they_say() {
        let ranked: HashSet<char> = SURNAMES.chars().collect();
        assert_eq!((ranked.len(), SURNAMES.chars().count()), (300, 300));
        assert_eq!(SURNAMES.chars().nth(90), Some('万'));
        assert_eq!(SURNAMES.chars().nth(96), Some('欧'));
        assert_eq!(CITIES.iter().map(|city| city.weight).sum::<u64>(), 1000);
        assert_eq!(INDUSTRIES.iter().map(|i| i.weight).sum::<u64>(), 100);
        for gender in ["male", "female"] {
            for decade in (1940..=2000).step_by(10) {
                let (first, second, _) = given_names(gender, decade);
                assert!(!first.chars().any(|c| second.contains(c)), "{gender} {decade}");
            }
        }
    }
}
