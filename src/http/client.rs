//! Who is at the other end: the address that limits count by, and the name that the client gives itself.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::HttpRequest;
use actix_web::http::header::USER_AGENT;

/// The longest client's name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// The address of the client: that of the peer, for nothing else can be trusted.
pub fn client_address(request: &HttpRequest) -> IpAddr {
    request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip())
}

/// The client's `User-Agent` as given, shortened, without control characters.
pub fn client_name(request: &HttpRequest) -> Option<String> {
    let given = String::from_utf8_lossy(request.headers().get(USER_AGENT)?.as_bytes()).into_owned();
    let kept: String = given.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}
