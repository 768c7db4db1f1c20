//! The chain: sealed without gaps whatever happens at once, and every tampering named.

use std::path::PathBuf;

use diesel_async::SimpleAsyncConnection as _;
use homecoming::db::pool::Pooled;
use homecoming::journal::sealer::{Broken, Head, Sealer, verify};
use serde_json::json;

use crate::support::{App, fresh_id, patiently};

/// A directory for key and head, removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn make() -> Self {
        let path = std::env::temp_dir().join(format!("homecoming-journal-{}", fresh_id()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Chain {
    app: App,
    sealer: Sealer,
    last: i64,
    _directory: Directory,
}

impl Chain {
    async fn sealed() -> Self {
        let (app, directory) = (App::start().await, Directory::make());
        let sealer = Sealer::open(&directory.0).unwrap();
        while sealer.round(&app.office.pool).await.unwrap() > 0 {}
        let last = app.count("select max(position) from journal_entries").await;
        Self { app, sealer, last, _directory: directory }
    }

    async fn verify(&self, connection: &mut Pooled, head: Option<&Head>) -> Option<Broken> {
        verify(connection, head, self.sealer.public_key()).await.unwrap()
    }

    /// What is found broken after this SQL, which is then undone.
    async fn after(&self, sql: &str) -> Option<Broken> {
        let head = self.sealer.head().unwrap();
        let mut connection = self.app.database().await;
        let harm = format!("begin; alter table journal_entries disable trigger user; {sql}");
        connection.batch_execute(&harm).await.unwrap();
        let broken = self.verify(&mut connection, head.as_ref()).await;
        connection.batch_execute("rollback").await.unwrap();
        broken
    }
}

async fn is_dense(app: &App) -> i64 {
    assert_eq!(app.count("select count(*) from journal_entries where position is null").await, 0);
    let count = app.count("select count(*) from journal_entries").await;
    assert_eq!(app.count("select min(position) from journal_entries").await, 1);
    assert_eq!(app.count("select max(position) from journal_entries").await, count);
    assert_eq!(app.count("select count(distinct position) from journal_entries").await, count);
    count
}

#[actix_web::test]
async fn an_empty_journal_verifies() {
    let (app, directory) = (App::empty().await, Directory::make());
    let sealer = Sealer::open(&directory.0).unwrap();
    assert_eq!(sealer.round(&app.office.pool).await.unwrap(), 0);
    assert_eq!(sealer.head().unwrap(), None);
    let mut connection = app.database().await;
    assert_eq!(verify(&mut connection, None, sealer.public_key()).await.unwrap(), None);
}

#[actix_web::test]
async fn a_good_chain_verifies_and_goes_on_from_its_head() {
    let chain = Chain::sealed().await;
    assert_eq!(is_dense(&chain.app).await, chain.last);
    let head = chain.sealer.head().unwrap().unwrap();
    assert_eq!(head.position, chain.last);
    let mut connection = chain.app.database().await;
    assert_eq!(chain.verify(&mut connection, Some(&head)).await, None);
    // Nothing was harmed by looking: undoing nothing finds nothing.
    assert_eq!(chain.after("").await, None);
    let hash = "select encode(hash, 'base64') as text from journal_entries where position = 7";
    let before = chain.app.texts(hash).await;
    chain.app.office().await.post("/people", json!({"name": "张三"})).await.expect(201);
    assert_eq!(chain.sealer.round(&chain.app.office.pool).await.unwrap(), 2, "a sign-in and a person");
    assert_eq!(chain.app.texts(hash).await, before, "what is sealed stays");
    // The old head still fits: it is on the way.
    assert_eq!(chain.verify(&mut connection, Some(&head)).await, None);
    let head = chain.sealer.head().unwrap().unwrap();
    assert_eq!(head.position, chain.last + 2);
    assert_eq!(chain.verify(&mut connection, Some(&head)).await, None);
}

#[actix_web::test]
async fn positions_have_no_gaps_with_many_writers_and_two_sealers() {
    let (app, directory) = (App::start().await, Directory::make());
    let (one, two) = (Sealer::open(&directory.0).unwrap(), Sealer::open(&directory.0).unwrap());
    assert_eq!(one.public_key(), two.public_key());
    let office = app.office().await;
    let before = app.count("select count(*) from journal_entries").await;
    let writers = futures::future::join_all((0..40).map(|n| {
        let office = office.clone();
        async move {
            // Every fourth is refused, and must leave no gap.
            let body = if n % 4 == 0 {
                json!({"code": "cs", "name": "x"})
            } else {
                json!({"code": format!("n-{n}"), "name": "x"})
            };
            patiently(async || office.post("/colleges", body.clone()).await).await.status
        }
    }));
    let seal = async |sealer: &Sealer| {
        for _ in 0..15 {
            sealer.round(&app.office.pool).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let (statuses, (), ()) = futures::join!(writers, seal(&one), seal(&two));
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 30);
    while one.round(&app.office.pool).await.unwrap() > 0 {}
    assert_eq!(is_dense(&app).await, before + 30);
    let mut connection = app.database().await;
    let head = one.head().unwrap();
    assert_eq!(head.as_ref().map(|head| head.position), Some(before + 30));
    assert_eq!(verify(&mut connection, head.as_ref(), one.public_key()).await.unwrap(), None);
}

#[actix_web::test]
async fn an_aborted_transaction_leaves_no_gap() {
    let chain = Chain::sealed().await;
    let office = chain.app.office().await;
    let mut connection = chain.app.database().await;
    let ghost = format!(
        "begin; insert into journal_entries (id, at, act, subject_kind, subject_id, fields, facts) \
         values ('{}', now(), 'ghost', 'ghost', gen_random_uuid(), '{{}}', '{{}}')",
        fresh_id()
    );
    connection.batch_execute(&ghost).await.unwrap();
    office.post("/people", json!({"name": "张三"})).await.expect(201);
    while chain.sealer.round(&chain.app.office.pool).await.unwrap() > 0 {}
    connection.batch_execute("rollback").await.unwrap();
    assert_eq!(is_dense(&chain.app).await, chain.last + 2);
    assert_eq!(chain.after("").await, None);
}

#[actix_web::test]
async fn a_flipped_entry_is_named_whatever_was_flipped() {
    let chain = Chain::sealed().await;
    for change in [
        "at = at + interval '1 microsecond'",
        "act = act || 'x'",
        "actor_id = gen_random_uuid()",
        "subject_kind = 'x'",
        "subject_id = gen_random_uuid()",
        "fields = array_append(fields, 'x')",
        "facts = facts || '{\"x\": 1}'",
        "reason = 'x'",
        "request_id = gen_random_uuid()",
        "id = gen_random_uuid()",
        "hash = sha256(hash)",
    ] {
        for position in [1, 5, chain.last] {
            let broken = chain.after(&format!("update journal_entries set {change} where position = {position}")).await;
            assert_eq!(broken, Some(Broken::At(position)), "{change} at {position}");
        }
    }
    let two = "update journal_entries set act = 'x' where position in (9, 4)";
    assert_eq!(chain.after(two).await, Some(Broken::At(4)), "the first is named");
}

#[actix_web::test]
async fn a_deleted_a_moved_and_an_added_entry_are_named() {
    let chain = Chain::sealed().await;
    let last = chain.last;
    for position in [1, 5, last - 1] {
        let deleted = chain.after(&format!("delete from journal_entries where position = {position}")).await;
        assert_eq!(deleted, Some(Broken::At(position)), "deleted");
        let closed = format!(
            "delete from journal_entries where position = {position}; \
             update journal_entries set position = position + 1000000 where position > {position}; \
             update journal_entries set position = position - 1000001 where position > 1000000"
        );
        assert_eq!(chain.after(&closed).await, Some(Broken::At(position)), "deleted and closed");
        let swapped = format!(
            "update journal_entries set position = 0 where position = {position}; \
             update journal_entries set position = {position} where position = {position} + 1; \
             update journal_entries set position = {position} + 1 where position = 0"
        );
        assert_eq!(chain.after(&swapped).await, Some(Broken::At(position)), "swapped");
    }
    let added = format!(
        "insert into journal_entries select gen_random_uuid(), at, act, actor_id, subject_kind, subject_id, fields, facts, reason, request_id, {last} + 1, hash \
         from journal_entries where position = {last}"
    );
    assert_eq!(chain.after(&added).await, Some(Broken::At(last + 1)), "added");
}

#[actix_web::test]
async fn a_chain_cut_at_its_end_is_named_by_the_head_that_is_kept_outside() {
    let chain = Chain::sealed().await;
    let last = chain.last;
    for kept in [0, 10, last - 1] {
        let cut = format!("delete from journal_entries where position > {kept}");
        assert_eq!(chain.after(&cut).await, Some(Broken::Head(last)), "{kept} kept");
    }
    // Without the head a cut does not show: that is what it is for.
    let mut connection = chain.app.database().await;
    let cut =
        "begin; alter table journal_entries disable trigger user; delete from journal_entries where position > 10";
    connection.batch_execute(cut).await.unwrap();
    assert_eq!(chain.verify(&mut connection, None).await, None);
    connection.batch_execute("rollback").await.unwrap();
}

#[actix_web::test]
async fn a_head_that_somebody_else_wrote_is_refused() {
    let chain = Chain::sealed().await;
    let head = chain.sealer.head().unwrap().unwrap();
    let mut connection = chain.app.database().await;
    let lower = Head { position: head.position - 1, ..head.clone() };
    let other = Head { hash: "AAAA".to_owned(), ..head.clone() };
    let unsigned = Head { signature: String::new(), ..head.clone() };
    for forged in [lower, other, unsigned] {
        assert_eq!(chain.verify(&mut connection, Some(&forged)).await, Some(Broken::Signature));
    }
    let directory = Directory::make();
    let stranger = Sealer::open(&directory.0).unwrap();
    let theirs = verify(&mut connection, Some(&head), stranger.public_key()).await.unwrap();
    assert_eq!(theirs, Some(Broken::Signature));
}

#[cfg(unix)]
#[test]
fn the_key_is_readable_by_its_owner_only_and_is_kept() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = Directory::make();
    let one = Sealer::open(&directory.0).unwrap();
    let mode = std::fs::metadata(directory.0.join("journal.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(one.public_key(), Sealer::open(&directory.0).unwrap().public_key());
    std::fs::write(directory.0.join("journal.key"), b"not a key").unwrap();
    assert!(Sealer::open(&directory.0).is_err());
}
