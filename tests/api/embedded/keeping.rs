//! What a private server keeps, and how it is made.

use super::*;

#[test]
fn a_row_survives_a_stop_and_a_start() {
    let home = Home::open();
    let begun = Instant::now();
    let embedded = home.start();
    eprintln!("first start: {:?}", begun.elapsed());
    assert!(!embedded.is_guest());
    query(embedded.url(), "create table t (i int); insert into t values (7)");
    let place = embedded.place().to_owned();
    let pid = postmaster(&place);
    embedded.stop().unwrap();
    assert!(!is_alive(&pid));
    assert!(!pid_file(&place).exists());

    for _ in 0..3 {
        let begun = Instant::now();
        let embedded = home.start();
        eprintln!("later start: {:?}", begun.elapsed());
        assert_eq!(query(embedded.url(), "select i from t"), "7");
        let begun = Instant::now();
        drop(embedded);
        eprintln!("stop: {:?}", begun.elapsed());
        assert!(!pid_file(&place).exists(), "Drop stops the server too");
    }
}

#[test]
fn the_cluster_is_durable_checked_and_closed() {
    let home = Home::open();
    let embedded = home.start();
    let show = |name: &str| query(embedded.url(), &format!("show {name}"));
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
        ("max_connections", "100"),
        ("jit", "off"),
    ] {
        assert_eq!(show(name), value, "{name}");
    }
    let ctype = "select datctype || datcollate from pg_database where datname = 'homecoming'";
    assert_eq!(query(embedded.url(), ctype), "C.UTF-8C.UTF-8");
    assert_eq!(query(embedded.url(), "select usesuper from pg_user"), "t");
    assert_eq!(mode(&embedded.place().join("data")), 0o700);
    assert_eq!(mode(&embedded.place().join("socket")), 0o700);
    assert_eq!(mode(&embedded.place().join("password")), 0o600);
    assert_eq!(mode(&embedded.place().join("server.log")), 0o600);

    let password = fs::read_to_string(embedded.place().join("password")).unwrap();
    let wrong = embedded.url().replace(&password, "wrong");
    assert!(try_query(&wrong, "select 1").unwrap_err().contains("password authentication failed"));
}

#[test]
fn a_throw_away_cluster_has_no_fsync_and_other_databases() {
    let home = Home::open();
    let embedded = Embedded::start(&Options { durable: false, ..home.options() }).unwrap();
    assert_eq!(query(embedded.url(), "show fsync"), "off");
    assert_eq!(query(embedded.url(), "show max_connections"), "400");
    query(embedded.url(), "create database \"a b\"");
    assert_eq!(query(&embedded.url_for("a b"), "select current_database()"), "a b");
}
