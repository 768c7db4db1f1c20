//! Who is at the other end: the address that limits count by, and the name that the client gives itself.
//!
//! The address is the peer's, or what trusted proxies say of it. A header alone changes nothing.

use std::net::IpAddr;

use actix_web::http::header::{HeaderMap, USER_AGENT};
use ipnet::IpNet;

/// The longest client's name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// The address of the client.
///
/// Goes through `X-Forwarded-For` from its end for as long as it meets trusted proxies; what an untrusted peer sends is
/// not looked at. `None` where there is no peer (a test in process).
pub fn address(peer: Option<IpAddr>, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let headers: Vec<_> = headers.get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    let mut client = peer;
    for hop in headers.iter().flat_map(|line| line.split(',')).rev() {
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        client = hop.to_canonical();
        if !is_trusted(&client) {
            break;
        }
    }
    Some(client)
}

/// The client's `User-Agent` as given, shortened, without control characters.
pub fn name(headers: &HeaderMap) -> Option<String> {
    let given = String::from_utf8_lossy(headers.get(USER_AGENT)?.as_bytes()).into_owned();
    let kept: String = given.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        address(Some(peer.parse().unwrap()), &headers, &trusted).unwrap().to_string()
    }

    #[test]
    fn only_what_trusted_proxies_say_is_believed() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.9"], &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        // The client wrote the first itself; the proxy added the second.
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4", "203.0.113.9, 10.0.0.2"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, nonsense"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(seen("::ffff:10.0.0.1", &["2001:db8::1"], &["10.0.0.0/8"]), "2001:db8::1");
    }
}
