//! Colleges (学院) and their classes (班). A class is college + major + label + entry or graduation year.

mod actions;
mod model;
mod routes;
mod store;

use crate::slice::Slice;

pub use actions::{create_class_group, create_college};
pub use model::{ClassGroup, College, NewClassGroup, NewCollege, year};
pub use store::{count_class_groups, count_colleges};

/// The slice.
pub const SLICE: Slice = Slice {
    name: "colleges",
    about: "Colleges and their classes.",
    routes: routes::configure,
    words: &[],
    person_refs: &[],
};
