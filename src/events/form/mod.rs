//! What signing up asks: whom an event is for, and the questions that a registration answers.

mod model;

pub use model::{Audience, AudienceKind, Question, QuestionType, Questions, check_answers, check_questions, invited};
