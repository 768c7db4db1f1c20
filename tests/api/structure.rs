//! The shape of the house, held by reading its source: direction, files of a slice, where the web and SQL may be.

use std::path::{Path, PathBuf};

/// Modules in their order: each may use only what stands before it.
const ORDER: [&str; 21] = [
    "base",
    "schema",
    "db",
    "journal",
    "jobs",
    "files",
    "mail",
    "pdf",
    "http",
    "access",
    "slice",
    "accounts",
    "colleges",
    "people",
    "organizations",
    "events",
    "demo",
    "app",
    "server",
    "doctor",
    "command",
];

const SLICES: [&str; 5] = ["accounts", "colleges", "people", "organizations", "events"];

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn module_of(path: &Path) -> String {
    let first = path.strip_prefix("src").unwrap().components().next().unwrap();
    first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The modules that a file names after `crate::`, also in a list of braces.
fn used(text: &str) -> Vec<String> {
    let mut names = vec![];
    for rest in text.split("crate::").skip(1) {
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => names.push(word(rest)),
            Some(list) => names.extend(list.split('}').next().unwrap().split(',').map(|one| word(one.trim()))),
        }
    }
    names
}

#[test]
fn every_module_uses_only_what_stands_before_it() {
    let place = |name: &str| ORDER.iter().position(|one| *one == name);
    for (path, text) in sources() {
        let Some(own) = place(&module_of(&path)) else { continue };
        for name in used(&text) {
            let Some(other) = place(&name) else { continue };
            assert!(other <= own, "{} uses {name}, which stands above it", path.display());
        }
    }
}

#[test]
fn a_slice_has_its_five_files_and_no_other() {
    for slice in SLICES {
        let files = sources().into_iter().filter(|(path, _)| path.starts_with(format!("src/{slice}")));
        for (path, _) in files {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // How a name is read is one thing of people, and pure.
            let known = ["mod.rs", "model.rs", "store.rs", "actions.rs", "routes.rs"].contains(&name.as_str());
            assert!(known || path.ends_with("people/reading.rs"), "{}", path.display());
        }
    }
}

#[test]
fn slices_use_each_other_through_their_front_door() {
    for (path, text) in sources() {
        let own = module_of(&path);
        for slice in SLICES.iter().filter(|slice| **slice != own) {
            for part in ["model", "store", "actions", "routes"] {
                let inside = format!("crate::{slice}::{part}");
                assert!(!text.contains(&inside), "{} reaches into {inside}", path.display());
            }
        }
    }
}

#[test]
fn the_web_and_sql_stay_where_they_belong() {
    for (path, text) in sources() {
        let (module, name) = (module_of(&path), path.file_name().unwrap().to_string_lossy().into_owned());
        let web = module == "http"
            || ["app", "server", "slice"].contains(&module.as_str())
            || name == "routes.rs"
            || path.ends_with("access/gate.rs")
            || path.ends_with("access/context.rs");
        assert!(web || !text.contains("actix_web"), "{} knows the web", path.display());
        let machinery = ["db", "journal", "schema"].contains(&module.as_str())
            || path.ends_with("http/idempotency.rs")
            || path.ends_with("demo/mod.rs")
            || path.ends_with("demo/campus.rs");
        let sql = machinery
            || name == "store.rs"
            || ["caller.rs", "limits.rs", "tokens.rs", "tx.rs"]
                .iter()
                .any(|file| path.ends_with(format!("access/{file}")));
        assert!(sql || !text.contains("diesel_async"), "{} asks the database", path.display());
        let derives = sql || name == "model.rs" || module == "base" || name == "mod.rs";
        assert!(derives || !text.contains("diesel::"), "{} knows diesel", path.display());
        let decides = text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(" if "));
        assert!(name != "routes.rs" || !decides, "{} decides", path.display());
        assert!(
            name == "actions.rs" || module == "access" || !text.contains(".require("),
            "{} permits",
            path.display()
        );
    }
}

#[test]
fn every_file_says_what_it_is() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} has no module doc", path.display());
    }
}

#[test]
fn the_program_starts_in_sixty_lines() {
    assert!(std::fs::read_to_string("src/main.rs").unwrap().lines().count() <= 60);
}
