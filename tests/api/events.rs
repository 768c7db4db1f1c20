//! Events: drafted, taken from step to step, seen by those who may, changed, listed.

mod changes;
mod conventions;
mod drafting;
mod faults;
mod lists;
mod sight;
mod steps;
