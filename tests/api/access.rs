//! Who may do what: the policy table against every role, and random worlds against an oracle.

mod explanation;
mod matrix;
mod oracle;
mod world;
