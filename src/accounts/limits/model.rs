//! What wrong passwords are counted under, how many are borne, and how long one then waits.

use std::net::{IpAddr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;

use crate::access::tokens::hash_of;
use crate::schema::sign_in_failures;

/// How long failures are remembered, from the first of them or from the end of the last block.
pub const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// How long an address is familiar after a sign-in.
pub const FAMILIAR: TimeDelta = TimeDelta::days(30);

const FIRST_BLOCK_SECONDS: i64 = 30;
const LONGEST_BLOCK_SECONDS: i64 = 900;

/// Kinds of keys, in the order in which their rows are locked.
const IDENTIFIER: u8 = 1;
const PAIR: u8 = 2;
const ADDRESS: u8 = 3;

/// The keys of one try.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The identifier, from anywhere.
    pub identifier: Vec<u8>,
    /// The identifier from this address.
    pub pair: Vec<u8>,
    /// The address, for anybody.
    pub address: Vec<u8>,
}

/// What is known under a key.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = sign_in_failures)]
pub struct Known {
    pub key: Vec<u8>,
    pub blocked_until: Option<DateTime<Utc>>,
    pub familiar_until: Option<DateTime<Utc>>,
}

impl Keys {
    /// The keys of somebody (`email:…`, `phone:…`, `account:…`) at an address.
    pub fn of(who: &str, address: IpAddr) -> Self {
        let address = network(address);
        let key = |kind: u8, text: &str| [vec![kind], hash_of(text)].concat();
        Self {
            identifier: key(IDENTIFIER, who),
            pair: key(PAIR, &format!("{address} {who}")),
            address: key(ADDRESS, &address.to_string()),
        }
    }

    /// Those under which a failure counts: where the address is familiar, not the identifier's own.
    pub fn counted(&self, known: &[Known], now: DateTime<Utc>) -> Vec<&[u8]> {
        let own = (!self.is_familiar(known, now)).then_some(&self.identifier);
        own.into_iter().chain([&self.pair, &self.address]).map(Vec::as_slice).collect()
    }

    /// How many seconds one has to wait, if at all.
    pub fn wait(&self, known: &[Known], now: DateTime<Utc>) -> Option<i64> {
        let counted = self.counted(known, now);
        let blocks = known.iter().filter(|row| counted.contains(&row.key.as_slice()));
        let until = blocks.filter_map(|row| row.blocked_until).filter(|until| *until > now).max()?;
        Some((until - now).num_seconds() + 1)
    }

    fn is_familiar(&self, known: &[Known], now: DateTime<Utc>) -> bool {
        known.iter().any(|row| row.key == self.pair && row.familiar_until.is_some_and(|until| until > now))
    }
}

/// How long a key is blocked after so many failures: twice as long with each that follows.
pub fn block(key: &[u8], failures: i32) -> Option<TimeDelta> {
    let most = match key.first() {
        Some(&IDENTIFIER) => 100,
        Some(&PAIR) => 10,
        // A whole campus may stand behind one address on the morning of a reunion.
        _ => 1_000,
    };
    let more = u32::try_from(failures - most).ok()?;
    let seconds = FIRST_BLOCK_SECONDS.saturating_mul(2_i64.saturating_pow(more));
    Some(TimeDelta::seconds(seconds.min(LONGEST_BLOCK_SECONDS)))
}

/// An IPv6 client has a whole /64 to choose its address from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_grows_with_each_failure_to_a_quarter_of_an_hour() {
        let keys = Keys::of("email:a@b", IpAddr::from([127, 0, 0, 1]));
        let seconds = |key, failures| block(key, failures).map_or(0, |pause| pause.num_seconds());
        let waits: Vec<_> = [1, 9, 10, 11, 12, 14, 15, 100, i32::MAX].map(|n| seconds(&keys.pair, n)).into();
        assert_eq!(waits, [0, 0, 30, 60, 120, 480, 900, 900, 900]);
        assert_eq!((seconds(&keys.identifier, 99), seconds(&keys.identifier, 100)), (0, 30));
        assert_eq!((seconds(&keys.address, 999), seconds(&keys.address, 1_000)), (0, 30));
    }

    #[test]
    fn an_address_of_the_same_network_is_the_same_client() {
        let of = |address: &str| Keys::of("x", address.parse().unwrap()).address;
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.2"), of("192.0.2.1"));
    }
}
