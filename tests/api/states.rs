//! The enums, the foreign keys and the words, compared with what PostgreSQL and the catalogues hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use homecoming::app::SLICES;
use homecoming::base::words::{Lang, say};
use serde_json::Value;

use crate::support::App;

#[actix_web::test]
async fn every_set_of_words_is_what_its_check_constraint_lists() {
    let app = App::start().await;
    let (mut compared, mut failures) = (BTreeSet::new(), vec![]);
    for set in SLICES.iter().flat_map(|slice| slice.words) {
        for check in set.checks {
            compared.insert((*check).to_owned());
            let sql = format!("select pg_get_constraintdef(oid) as text from pg_constraint where conname = '{check}'");
            let found = app.texts(&sql).await;
            assert_eq!(found.len(), 1, "one constraint {check}");
            let listed: BTreeSet<_> = found[0].split('\'').skip(1).step_by(2).map(str::to_owned).collect();
            let ours: BTreeSet<_> = (set.values)().into_iter().map(str::to_owned).collect();
            if listed != ours {
                failures.push(format!("{}: {ours:?} here, {listed:?} in {check}", set.name));
            }
        }
    }
    assert_eq!(failures, Vec::<String>::new());
    // The other way round: a CHECK that lists words is somebody's, or is named here with why it is not.
    let not_sent = [
        // What one signs in with and why a session ended: neither is ever sent.
        "account_identifiers_kind_check",
        "sessions_end_reason_check",
        // Ties a column to states that another CHECK lists.
        "events_published_check",
    ];
    let lists = app
        .texts("select conname::text as text from pg_constraint where contype = 'c' and pg_get_constraintdef(oid) like '%ANY (ARRAY[%'")
        .await;
    let unknown: Vec<_> =
        lists.into_iter().filter(|check| !compared.contains(check) && !not_sent.contains(&check.as_str())).collect();
    assert_eq!(unknown, Vec::<String>::new(), "checks that no WordSet names");
}

#[actix_web::test]
async fn every_foreign_key_to_people_is_a_person_ref_and_the_other_way_round() {
    let app = App::start().await;
    let sql = "select c.conrelid::regclass::text || '.' || a.attname as text from pg_constraint c \
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey) \
        where c.contype = 'f' and c.confrelid = 'people'::regclass";
    let keys: BTreeSet<_> = app.texts(sql).await.into_iter().collect();
    let refs = SLICES.iter().flat_map(|slice| slice.person_refs);
    let refs: BTreeSet<_> = refs.map(|at| format!("{}.{}", at.table, at.column)).collect();
    assert_eq!(refs, keys);
    assert!(keys.contains("registrations.person_id"));
}

#[actix_web::test]
async fn every_foreign_key_has_an_index_that_starts_with_its_columns() {
    let app = App::start().await;
    let without = "select c.conname::text as text from pg_constraint c \
        where c.contype = 'f' and not exists (select from pg_index i where i.indrelid = c.conrelid \
            and (select array_agg(k order by k) from unnest(c.conkey) k) = \
                (select array_agg(k order by k) from unnest((i.indkey::int2[])[0:cardinality(c.conkey) - 1]) k))";
    assert_eq!(app.texts(without).await, Vec::<String>::new());
    // The negative control: the question finds a key whose index is gone.
    app.sql("drop index educations_person_idx").await;
    assert_eq!(app.texts(without).await, ["educations_person_fkey"]);
}

#[test]
fn every_enum_value_has_a_label_in_both_catalogues() {
    let mut missing = vec![];
    for set in SLICES.iter().flat_map(|slice| slice.words) {
        for value in (set.values)() {
            let key = format!("{}-{value}", set.name).replace('_', "-");
            missing.extend(without_words(&key));
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[actix_web::test]
async fn the_labels_are_served() {
    let app = App::start().await;
    let enums = app.anyone().get("/meta/enums").await.expect(200);
    let sets: BTreeMap<_, _> =
        enums.items().iter().map(|set| (set["name"].as_str().unwrap(), &set["values"])).collect();
    assert_eq!(sets.len(), SLICES.iter().map(|slice| slice.words.len()).sum::<usize>());
    let roles = sets["role"].as_array().unwrap();
    let auditor = roles.iter().find(|role| role["value"] == "auditor").unwrap();
    assert_eq!(auditor["en"], "Auditor");
    assert_ne!(auditor["zh-CN"], Value::from("auditor"));
}

#[test]
fn every_refusal_and_fault_of_the_source_has_words_in_both_catalogues() {
    let source = source(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
    let codes = |start: &str| -> BTreeSet<String> {
        let calls = source.match_indices(start).map(|(at, _)| &source[at + start.len()..]);
        // The code is the last thing in quotes among the arguments, if it is written there at all.
        let quoted = calls.filter_map(|rest| arguments(rest).split('"').skip(1).step_by(2).last());
        quoted.filter(|code| is_code(code)).map(str::to_owned).collect()
    };
    let refusals = codes("Refusal::new(");
    assert!(refusals.len() > 20 && refusals.contains("event_full"), "{refusals:?}");
    let mut faults = codes("Fault::new(");
    faults.extend(codes("field_error("));
    faults.extend(codes("ValidationError::new("));
    // Validator's own, and those that a variable carries.
    faults.extend(["length", "range", "year_needed", "year_order", "names", "type"].map(str::to_owned));
    assert!(faults.len() > 20 && faults.contains("not_expected"), "{faults:?}");
    let mut missing = vec![];
    for code in &refusals {
        let key = format!("problem-{}", code.replace('_', "-"));
        missing.extend(without_words(&key));
        missing.extend(without_words(&format!("{key}-detail")));
    }
    for code in &faults {
        missing.extend(without_words(&format!("fault-{}", code.replace('_', "-"))));
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// What stands before the bracket that closes the call.
fn arguments(rest: &str) -> &str {
    let mut depth = 1;
    let end = rest.char_indices().find(|(_, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => (),
        }
        depth == 0
    });
    &rest[..end.map_or(0, |(at, _)| at)]
}

fn is_code(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

/// The languages in which a key has no words.
fn without_words(key: &str) -> Vec<String> {
    let silent = Lang::ALL.into_iter().filter(|lang| say(*lang, key, []).is_none());
    silent.map(|lang| format!("{} {key}", lang.tag())).collect()
}

/// All of the source, without its unit tests.
fn source(directory: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&source(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let whole = std::fs::read_to_string(&path).unwrap();
            text.push_str(whole.split("#[cfg(test)]").next().unwrap_or_default());
        }
    }
    text
}
