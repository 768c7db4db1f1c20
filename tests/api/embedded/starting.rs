//! What may be in the way of a start.

use super::*;

#[test]
fn an_interrupted_first_start_does_no_harm() {
    let home = Home::open();
    for milliseconds in [50, 100, 200, 400, 700, 1000] {
        let holder = Holder::begin(&home);
        thread::sleep(Duration::from_millis(milliseconds));
        holder.kill();
    }
    let embedded = home.start();
    assert_eq!(query(embedded.url(), "select current_database()"), "homecoming");
    embedded.stop().unwrap();
    let embedded = home.start();
    let names = fs::read_dir(embedded.place()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_str().unwrap().starts_with("new-")).count(), 0);
}

#[test]
fn a_guest_uses_the_running_server_and_leaves_it() {
    let home = Home::open();
    let host = home.start();
    query(host.url(), "create table t (i int)");
    let guest = home.start();
    assert!(guest.is_guest());
    assert_eq!(guest.url(), host.url());
    query(guest.url(), "insert into t values (1)");
    guest.stop().unwrap();
    assert_eq!(query(host.url(), "select count(*) from t"), "1");
}

#[test]
fn two_starts_at_once_make_one_server() {
    let home = Home::open();
    let (one, other) = thread::scope(|scope| {
        let one = scope.spawn(|| home.start());
        let other = scope.spawn(|| home.start());
        (one.join().unwrap(), other.join().unwrap())
    });
    assert_ne!(one.is_guest(), other.is_guest());
    assert_eq!(query(one.url(), "select 1"), query(other.url(), "select 1"));
}

#[test]
fn a_guest_does_not_wait_for_ever() {
    let home = Home::open();
    home.start().stop().unwrap();
    let lock = File::options().read(true).write(true).open(home.data_dir().join("lock")).unwrap();
    lock.lock().unwrap();
    let begun = Instant::now();
    let error = Embedded::start(&home.options()).unwrap_err();
    assert!(matches!(error, EmbeddedError::HostSilent { .. }), "{error}");
    assert!((9..13).contains(&begun.elapsed().as_secs()));
}

#[test]
fn a_home_that_the_servers_user_cannot_enter_is_left_as_it_is() {
    if !are_root() {
        return; // The server runs as ourselves then.
    }
    let home = Home::with_mode(0o700);
    let embedded = home.start();
    let place = embedded.place().to_owned();
    assert!(place.starts_with("/var/lib/homecoming"), "{}", place.display());
    query(embedded.url(), "create table t (i int)");
    embedded.stop().unwrap();
    assert_eq!(mode(&home.root), 0o700);

    let again = home.start();
    assert_eq!(again.place(), place);
    assert_eq!(query(again.url(), "select count(*) from t"), "0");
    again.stop().unwrap();

    fs::remove_dir_all(home.data_dir()).unwrap();
    let fresh = home.start();
    assert_ne!(fresh.place(), place);
    assert!(try_query(fresh.url(), "select count(*) from t").is_err());
    fresh.stop().unwrap();
    fs::remove_dir_all(place).unwrap();
}

#[test]
fn binaries_that_the_servers_user_cannot_enter_are_named() {
    if !are_root() {
        return;
    }
    let home = Home::open();
    let closed = Home::with_mode(0o700);
    for program in ["postgres", "initdb"] {
        let file = closed.root.join(program);
        fs::write(&file, "#!/bin/sh\necho 'postgres (PostgreSQL) 17.1'\n").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }
    let options = Options { bindir: Some(closed.root.clone()), ..home.options() };
    let error = Embedded::start(&options).unwrap_err().to_string();
    assert!(error.contains("cannot run it") && error.contains("Permission denied"), "{error}");
}

#[test]
fn missing_and_old_binaries_are_told_with_what_to_do() {
    let home = Home::open();
    let bindir = home.root.join("bin");
    let options = Options { bindir: Some(bindir.clone()), ..home.options() };
    let error = Embedded::start(&options).unwrap_err().to_string();
    for text in ["no `postgres` in it", "bin/setup", "apt-get install", "brew", "DATABASE_URL"] {
        assert!(error.contains(text), "{text} in {error}");
    }

    fs::create_dir(&bindir).unwrap();
    fs::set_permissions(&bindir, Permissions::from_mode(0o755)).unwrap();
    for program in ["postgres", "initdb"] {
        let file = bindir.join(program);
        fs::write(&file, "#!/bin/sh\necho 'postgres (PostgreSQL) 13.4'\n").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }
    let error = Embedded::start(&options).unwrap_err().to_string();
    assert!(error.contains("it is version 13"), "{error}");
}

#[test]
fn data_of_a_version_that_is_not_installed_are_not_passed_over() {
    let home = Home::open();
    fs::create_dir_all(home.data_dir().join("postgres/99/data")).unwrap();
    let error = Embedded::start(&home.options()).unwrap_err();
    assert!(matches!(error, EmbeddedError::OtherMajor { data: 99, .. }), "{error}");
}

#[test]
fn a_path_too_long_for_a_socket_gets_one_in_tmp() {
    let home = Home::open();
    let options = Options { data_dir: home.root.join("x".repeat(120)), ..home.options() };
    let embedded = Embedded::start(&options).unwrap();
    let pointer = embedded.place().join("socket-path");
    let socket = PathBuf::from(fs::read_to_string(&pointer).unwrap());
    assert!(socket.starts_with("/tmp"));
    assert_eq!(mode(&socket), 0o700);
    query(embedded.url(), "create table t (i int)");

    // What a cleaner of /tmp does to a running server, and to a stopped one.
    fs::remove_dir_all(&socket).unwrap();
    assert!(within(5, || try_query(embedded.url(), "select count(*) from t") == Ok("0".into())));
    embedded.stop().unwrap();
    assert!(!socket.exists());
    let embedded = Embedded::start(&options).unwrap();
    assert_eq!(query(embedded.url(), "select count(*) from t"), "0");
    let guest = Embedded::start(&options).unwrap();
    assert_eq!(query(guest.url(), "select count(*) from t"), "0");
}

#[test]
fn odd_characters_in_the_path_are_no_trouble() {
    let home = Home::open();
    for name in ["校友 会", "a,b", "quo\"te'", "per%2Fcent"] {
        let options = Options { data_dir: home.root.join(name), ..home.options() };
        let embedded = Embedded::start(&options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(query(embedded.url(), "select 1"), "1", "{name}");
    }
}

#[test]
fn a_deleted_password_is_replaced() {
    let home = Home::open();
    let embedded = home.start();
    query(embedded.url(), "create table t (i int)");
    let (place, url) = (embedded.place().to_owned(), embedded.url().to_owned());
    embedded.stop().unwrap();
    fs::remove_file(place.join("password")).unwrap();
    let embedded = home.start();
    assert_ne!(embedded.url(), url);
    assert_eq!(query(embedded.url(), "select count(*) from t"), "0");
}

#[test]
fn a_server_that_does_not_come_up_shows_its_log() {
    let home = Home::open();
    let embedded = home.start();
    let place = embedded.place().to_owned();
    embedded.stop().unwrap();
    let settings = place.join("data/postgresql.conf");
    let good = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, format!("{good}\nnonsense = 7\n")).unwrap();
    let error = Embedded::start(&home.options()).unwrap_err().to_string();
    assert!(error.contains("nonsense") && error.contains("server.log"), "{error}");
    fs::write(&settings, good).unwrap();
    home.start().stop().unwrap();
}

#[test]
fn a_long_log_is_cut_at_a_start() {
    let home = Home::open();
    let embedded = home.start();
    let log = embedded.place().join("server.log");
    embedded.stop().unwrap();
    File::options().write(true).open(&log).unwrap().set_len(11 * 1024 * 1024).unwrap();
    home.start().stop().unwrap();
    assert!(fs::metadata(&log).unwrap().len() < 10_000);
}
