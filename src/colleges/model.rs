//! Colleges and classes as they are stored and sent.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::base::clock::{Year, years};
use crate::base::error::Refusal;
use crate::base::ids::{ClassGroupId, CollegeId};
use crate::base::text::{self, Line, given, patched};
use crate::http::reply::Resource;
use crate::schema::{class_groups, colleges};

/// Another college has the code.
pub const CODE_TAKEN: Refusal = Refusal::new(409, "code_taken");
/// The same class is there already.
pub const CLASS_EXISTS: Refusal = Refusal::new(409, "class_exists");

/// A college.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = colleges)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000001", "code": "cs", "name": "计算机科学与工程学院", "name_en": "College of Computer Science and Engineering", "campus": "qingdao", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct College {
    pub id: CollegeId,
    /// Unique: `cs`.
    pub code: String,
    pub name: String,
    pub name_en: Option<String>,
    pub campus: Option<String>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new college.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = colleges)]
#[schema(example = json!({"code": "cs", "name": "计算机科学与工程学院", "name_en": "College of Computer Science and Engineering", "campus": "qingdao"}))]
pub struct NewCollege {
    #[validate(length(max = 40), custom(function = text::code))]
    #[schema(max_length = 40, pattern = "^[a-z0-9-]+$")]
    pub code: String,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Line,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_en: Option<Line>,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub campus: Option<Line>,
}

/// Changes to a college.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = colleges)]
#[schema(example = json!({"name_en": "College of Computer Science"}))]
pub struct CollegePatch {
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<Line>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_en: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub campus: Option<Option<Line>>,
}

/// Which colleges.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollegeFilter {
    /// By code; more than one means any of them.
    #[serde(default)]
    pub code: Vec<String>,
}

/// A class.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = class_groups)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000002", "college_id": "01914a6b-7c00-7000-8000-000000000001", "major": "软件工程", "label": "1班", "entry_year": 2015, "graduation_year": 2019, "headcount": 42, "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct ClassGroup {
    pub id: ClassGroupId,
    pub college_id: CollegeId,
    pub major: String,
    /// What tells classes of one major and year apart: `1班`.
    pub label: Option<String>,
    /// 级: the year they came.
    pub entry_year: Option<i16>,
    /// 届: the year they left.
    pub graduation_year: Option<i16>,
    pub headcount: Option<i32>,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new class; one of the two years at least.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = class_groups)]
#[validate(schema(function = class_years))]
#[schema(example = json!({"college_id": "01914a6b-7c00-7000-8000-000000000001", "major": "软件工程", "label": "1班", "entry_year": 2015, "graduation_year": 2019, "headcount": 42}))]
pub struct NewClassGroup {
    pub college_id: CollegeId,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    pub major: Line,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub label: Option<Line>,
    #[validate(range(min = 1850, max = 2200))]
    #[schema(minimum = 1850, maximum = 2200)]
    pub entry_year: Option<i16>,
    #[validate(range(min = 1850, max = 2200))]
    #[schema(minimum = 1850, maximum = 2200)]
    pub graduation_year: Option<i16>,
    #[validate(range(min = 0, max = 100_000))]
    #[schema(minimum = 0, maximum = 100_000)]
    pub headcount: Option<i32>,
}

/// Changes to a class.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = class_groups)]
#[schema(example = json!({"headcount": 43}))]
pub struct ClassGroupPatch {
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 100)]
    pub major: Option<Line>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub label: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1850, max = 2200))]
    #[schema(value_type = Option<i16>, minimum = 1850, maximum = 2200)]
    pub entry_year: Option<Option<i16>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 1850, max = 2200))]
    #[schema(value_type = Option<i16>, minimum = 1850, maximum = 2200)]
    pub graduation_year: Option<Option<i16>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(range(min = 0, max = 100_000))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 100_000)]
    pub headcount: Option<Option<i32>>,
}

/// Which classes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClassGroupFilter {
    /// Of this college.
    #[serde(default)]
    pub college_id: Vec<CollegeId>,
    /// 届.
    #[serde(default, deserialize_with = "years")]
    #[param(value_type = Vec<Year>, inline)]
    pub graduation_year: Vec<i16>,
    /// 级.
    #[serde(default, deserialize_with = "years")]
    #[param(value_type = Vec<Year>, inline)]
    pub entry_year: Vec<i16>,
}

/// 届 and 级 of one study: nobody leaves before coming.
pub fn year(entry: Option<i16>, graduation: Option<i16>) -> Result<(), ValidationError> {
    match (entry, graduation) {
        (Some(entry), Some(graduation)) if graduation < entry => {
            Err(text::field_error("graduation_year", "year_order"))
        }
        _ => Ok(()),
    }
}

fn class_years(class: &NewClassGroup) -> Result<(), ValidationError> {
    if class.entry_year.is_none() && class.graduation_year.is_none() {
        return Err(text::field_error("graduation_year", "year_needed"));
    }
    year(class.entry_year, class.graduation_year)
}

impl Resource for College {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/colleges/{}", self.id)
    }
}

impl Resource for ClassGroup {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/class-groups/{}", self.id)
    }
}
