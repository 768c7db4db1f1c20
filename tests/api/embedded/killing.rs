//! Killed in every way, it comes back with every committed row.

use super::*;

#[test]
fn a_kill_of_the_program_loses_no_committed_row() {
    let home = Home::open();
    let holder = Holder::start(&home);
    let guest = home.start();
    query(guest.url(), "create table t (i int); insert into t select generate_series(1, 50000)");
    let pid = postmaster(guest.place());
    holder.kill();

    let begun = Instant::now();
    let embedded = home.start();
    eprintln!("start after kill -9: {:?}", begun.elapsed());
    assert!(!embedded.is_guest());
    assert!(!is_alive(&pid));
    assert_eq!(query(embedded.url(), "select count(*) from t"), "50000");
}

#[test]
fn without_help_the_server_ends_after_a_kill_of_the_program() {
    let home = Home::open();
    let holder = Holder::start(&home);
    let pid = postmaster(home.start().place());
    holder.kill();
    assert!(within(5, || !is_alive(&pid)));
}

#[test]
fn a_kill_of_everything_in_the_middle_of_a_query_is_recovered_from() {
    let home = Home::open();
    let holder = Holder::start(&home);
    let guest = home.start();
    query(guest.url(), "create table t (i int); insert into t values (1)");
    let mut busy = psql(guest.url(), "select count(*) from generate_series(1, 1000000000000) g")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    kill(&postmaster(guest.place()));
    holder.kill();

    let begun = Instant::now();
    let embedded = home.start();
    eprintln!("start after kill -9 of all: {:?}", begun.elapsed());
    assert_eq!(query(embedded.url(), "select count(*) from t"), "1");
    busy.wait().unwrap();
}

#[test]
fn a_killed_postmaster_is_back_within_five_seconds() {
    let home = Home::open();
    let embedded = home.start();
    query(embedded.url(), "create table t (i int); insert into t values (1)");
    let pid = postmaster(embedded.place());
    let mut busy = psql(embedded.url(), "select count(*) from generate_series(1, 1000000000000) g")
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    kill(&pid);
    let begun = Instant::now();
    assert!(within(5, || try_query(embedded.url(), "select count(*) from t") == Ok("1".into())));
    eprintln!("back after: {:?}", begun.elapsed());
    assert_ne!(postmaster(embedded.place()), pid);
    busy.wait().unwrap();
    embedded.stop().unwrap();
}

#[test]
fn a_server_that_keeps_ending_is_started_again_more_slowly_and_never_given_up() {
    let home = Home::open();
    let embedded = home.start();
    let mut killed = Vec::new();
    let kill_each = || {
        if let Ok(pids) = fs::read_to_string(pid_file(embedded.place()))
            && let Some(pid) = pids.lines().next().map(str::to_owned)
            && is_alive(&pid)
            && !killed.contains(&pid)
        {
            kill(&pid);
            killed.push(pid);
        }
        let log = fs::read_to_string(embedded.place().join("server.log")).unwrap();
        log.contains("started again in 10 s")
    };
    assert!(within(30, kill_each));
    assert_eq!(killed.len(), 6);
    assert!(within(30, || try_query(embedded.url(), "select 1") == Ok("1".into())));
    embedded.stop().unwrap();
}

#[test]
fn the_server_outlives_the_thread_that_started_it() {
    let home = Home::open();
    let options = home.options();
    let embedded = thread::spawn(move || Embedded::start(&options).unwrap()).join().unwrap();
    let pid = postmaster(embedded.place());
    thread::sleep(Duration::from_millis(500));
    assert_eq!(query(embedded.url(), "select 1"), "1");
    assert_eq!(postmaster(embedded.place()), pid);
}

#[test]
fn a_zombie_in_the_pid_file_and_a_stale_socket_are_cleared_away() {
    let home = Home::open();
    let embedded = home.start();
    let place = embedded.place().to_owned();
    query(embedded.url(), "create table t (i int)");
    embedded.stop().unwrap();

    let mut zombie = as_owner_of(&place.join("data"), Path::new("true")).spawn().unwrap();
    thread::sleep(Duration::from_millis(200));
    let content = format!("{}\n{}\n0\n5432\n\n\n", zombie.id(), place.join("data").display());
    for file in [pid_file(&place), place.join("socket/.s.PGSQL.5432.lock")] {
        File::create(&file).unwrap().write_all(content.as_bytes()).unwrap();
    }
    File::create(place.join("socket/.s.PGSQL.5432")).unwrap();

    assert_eq!(query(home.start().url(), "select count(*) from t"), "0");
    zombie.wait().unwrap();
}

#[test]
fn another_process_with_the_recorded_number_is_left_alone() {
    let home = Home::open();
    let embedded = home.start();
    let place = embedded.place().to_owned();
    embedded.stop().unwrap();
    let mut sleep = as_owner_of(&place.join("data"), Path::new("sleep")).arg("60").spawn().unwrap();
    fs::write(pid_file(&place), format!("{}\n", sleep.id())).unwrap();

    home.start().stop().unwrap();
    assert!(sleep.try_wait().unwrap().is_none());
    sleep.kill().unwrap();
    sleep.wait().unwrap();
}

#[test]
fn an_orphaned_server_is_stopped_first() {
    let home = Home::open();
    let embedded = home.start();
    let place = embedded.place().to_owned();
    query(embedded.url(), "create table t (i int)");
    let program = query(embedded.url(), "select setting from pg_config where name = 'BINDIR'");
    embedded.stop().unwrap();
    let mut orphan = as_owner_of(&place.join("data"), &Path::new(&program).join("postgres"))
        .arg("-D")
        .arg(place.join("data"))
        .args(["-c", "listen_addresses=", "-c"])
        .arg(format!("unix_socket_directories={}", place.join("socket").display()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert!(within(10, || fs::read_to_string(pid_file(&place)).is_ok_and(|f| f.contains("ready"))));

    assert_eq!(query(home.start().url(), "select count(*) from t"), "0");
    let mut ended = None;
    assert!(within(10, || {
        ended = orphan.try_wait().unwrap();
        ended.is_some()
    }));
    assert!(ended.unwrap().success(), "it was shut down in order");
}
