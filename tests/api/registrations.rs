//! Registrations: seats and the queue, who may, for whom, and how they are given up.

mod organizers;
mod queue;
mod reading;
mod refusals;
mod together;
mod withdrawal;
