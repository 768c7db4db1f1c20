//! Audience and questions of an event, and whether somebody and their answers fit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, Type};
use uuid::Uuid;
use validator::{Validate, ValidationError};

use crate::base::error::{Error, Fault, Result};
use crate::base::text::{self, Line, Prose};
use crate::db::json_column;
use crate::people::Studies;

/// Of a choice, in characters.
const LONGEST_OPTION: usize = 200;

words! {
    /// Whom an event is for.
    AudienceKind {
        /// Everybody.
        Open = "open",
        /// Those who studied at one of the colleges.
        College = "college",
        /// Those of one of the classes.
        ClassGroup = "class_group",
        /// 届: those who left in one of the years.
        GraduationYear = "graduation_year",
    }
}

words! {
    /// How a question is answered.
    QuestionType { Text = "text", Number = "number", Boolean = "boolean", Choice = "choice" }
}

/// Whom an event is for.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Serialize,
    Deserialize,
    Validate,
    ToSchema,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[serde(deny_unknown_fields)]
#[diesel(sql_type = diesel::sql_types::Jsonb)]
#[validate(schema(function = audience))]
#[schema(example = json!({"kind": "graduation_year", "values": [1969]}))]
pub struct Audience {
    pub kind: AudienceKind,
    /// Ids, or years; empty for `open`.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(schema_with = audience_values)]
    pub values: Vec<Value>,
}
json_column!(Audience);

/// A question that a registration answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[validate(schema(function = question))]
#[schema(example = json!({"key": "meal", "label": "用餐", "type": "choice", "required": true, "options": ["清真", "素食", "普通"]}))]
pub struct Question {
    #[validate(length(min = 1, max = 40))]
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub key: Line,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub label: Line,
    #[serde(rename = "type")]
    pub kind: QuestionType,
    #[serde(default)]
    pub required: bool,
    /// What a choice chooses from.
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(schema_with = options)]
    pub options: Vec<Line>,
}

/// The questions of an event.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Default,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = diesel::sql_types::Jsonb)]
pub struct Questions(pub Vec<Question>);
json_column!(Questions);

impl Default for Audience {
    /// Everybody.
    fn default() -> Self {
        Self { kind: AudienceKind::Open, values: vec![] }
    }
}

impl Audience {
    /// The ids among its values, each once.
    pub fn ids(&self) -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = self.values.iter().filter_map(|value| value.as_str()?.parse().ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// Whether somebody with these studies is whom the event is for.
pub fn invited(audience: &Audience, studies: &[Studies]) -> bool {
    let ids = |id: Uuid| {
        // Compared as ids: the same id may be written in capitals.
        let same = |value: &Value| value.as_str().is_some_and(|text| text.parse() == Ok(id));
        audience.values.iter().any(same)
    };
    match audience.kind {
        AudienceKind::Open => true,
        AudienceKind::College => studies.iter().any(|study| ids(study.college_id.into())),
        AudienceKind::ClassGroup => {
            studies.iter().any(|study| study.class_group_id.is_some_and(|class| ids(class.into())))
        }
        AudienceKind::GraduationYear => {
            let years: Vec<_> = audience.values.iter().filter_map(Value::as_i64).collect();
            studies.iter().any(|study| study.graduation_year.is_some_and(|year| years.contains(&i64::from(year))))
        }
    }
}

/// Checks the answers against the questions; 422 with every fault.
pub fn check_answers(questions: &[Question], answers: &BTreeMap<String, Value>) -> Result<()> {
    let at = |key: &str| format!("/answers/{}", key.replace('~', "~0").replace('/', "~1"));
    let unknown = answers.keys().filter(|key| !questions.iter().any(|question| *question.key == ***key));
    let mut faults: Vec<_> = unknown.map(|key| Fault::new(at(key), "unknown_field")).collect();
    for question in questions {
        let fault = match answers.get(&*question.key) {
            None | Some(Value::Null) => question.required.then_some("required"),
            Some(Value::String(text)) if text.trim().is_empty() => question.required.then_some("required"),
            Some(answer) => (!fits(question, answer)).then_some("answer"),
        };
        faults.extend(fault.map(|code| Fault::new(at(&question.key), code)));
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Error::invalid(faults)),
    }
}

fn fits(question: &Question, answer: &Value) -> bool {
    match question.kind {
        QuestionType::Text => answer.as_str().and_then(Prose::parse).is_some_and(|text| text.chars().count() <= 2000),
        QuestionType::Number => answer.is_number(),
        QuestionType::Boolean => answer.is_boolean(),
        QuestionType::Choice => {
            answer.as_str().is_some_and(|text| question.options.iter().any(|option| **option == *text))
        }
    }
}

/// Ids or years.
fn audience_values() -> Array {
    let id = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)));
    let year = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1850)).maximum(Some(2200));
    ArrayBuilder::new().items(OneOfBuilder::new().item(id).item(year)).max_items(Some(100)).build()
}

fn options() -> Array {
    text::lines(50, LONGEST_OPTION)
}

fn audience(audience: &Audience) -> Result<(), ValidationError> {
    let fits = |value: &Value| match audience.kind {
        AudienceKind::Open => false,
        AudienceKind::College | AudienceKind::ClassGroup => value.as_str().is_some_and(|id| id.parse::<Uuid>().is_ok()),
        AudienceKind::GraduationYear => value.as_i64().is_some_and(|year| (1850..=2200).contains(&year)),
    };
    let some = audience.kind == AudienceKind::Open || !audience.values.is_empty();
    match some && audience.values.iter().all(fits) {
        true => Ok(()),
        false => Err(text::field_error("values", "audience_values")),
    }
}

fn question(question: &Question) -> Result<(), ValidationError> {
    let bounded = question.options.iter().all(|option| (1..=LONGEST_OPTION).contains(&option.chars().count()));
    match bounded && (question.kind == QuestionType::Choice) != question.options.is_empty() {
        true => Ok(()),
        false => Err(text::field_error("options", "choice_options")),
    }
}

/// Keys of their own, at most thirty, each question in itself valid.
pub fn check_questions(questions: &Questions) -> Result<(), ValidationError> {
    let mut keys: Vec<&str> = questions.0.iter().map(|question| &*question.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let valid = questions.0.iter().all(|question| question.validate().is_ok());
    match valid && keys.len() == questions.0.len() && keys.len() <= 30 {
        true => Ok(()),
        false => Err(ValidationError::new("questions")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_must_answer_the_questions() {
        let questions: Vec<Question> = serde_json::from_value(json!([
            {"key": "meal", "label": "用餐", "type": "choice", "required": true, "options": ["素食", "普通"]},
            {"key": "years", "label": "几年", "type": "number"},
        ]))
        .unwrap();
        let faults = |answers: Value| match check_answers(&questions, &serde_json::from_value(answers).unwrap()) {
            Err(Error::Refused(it)) => it.faults.into_iter().map(|fault| (fault.pointer, fault.code)).collect(),
            _ => vec![],
        };
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        assert_eq!(faults(json!({"meal": "素食"})), []);
        assert_eq!(faults(json!({})), [fault("/answers/meal", "required")]);
        assert_eq!(faults(json!({"meal": "肉"})), [fault("/answers/meal", "answer")]);
        assert_eq!(faults(json!({"meal": "普通", "years": "5"})), [fault("/answers/years", "answer")]);
        assert_eq!(faults(json!({"meal": "普通", "a/b": 1})), [fault("/answers/a~1b", "unknown_field")]);
    }
}
