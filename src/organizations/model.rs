//! Organizations as they are stored and sent, and the steps of their lifecycle.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use crate::base::error::{Refusal, Result};
use crate::base::ids::{AccountId, CollegeId, OrganizationId, TransitionId};
use crate::base::state;
use crate::base::text::{self, Line, Prose, given, patched};
use crate::http::reply::Resource;
use crate::schema::{organization_transitions, organizations};

/// Another organization has the code.
pub const CODE_TAKEN: Refusal = Refusal::new(409, "code_taken");
/// There is an association already.
pub const ASSOCIATION_EXISTS: Refusal = Refusal::new(409, "association_exists");
/// The college has a live branch already.
pub const BRANCH_EXISTS: Refusal = Refusal::new(409, "branch_exists");

words! {
    /// What an organization is.
    #[schema(as = OrganizationKind)]
    Kind {
        /// 校友总会, the root.
        Association = "association",
        /// 学院校友会.
        CollegeBranch = "college_branch",
        /// 地方校友会.
        RegionalChapter = "regional_chapter",
        /// 行业校友会.
        IndustryChapter = "industry_chapter",
        /// 海外校友会.
        OverseasChapter = "overseas_chapter",
    }
}

words! {
    /// Where an organization stands in its life.
    #[schema(as = OrganizationStatus)]
    Status {
        /// 筹建.
        Preparing = "preparing",
        /// 批准.
        Approved = "approved",
        /// 成立.
        Active = "active",
        /// Paused.
        Suspended = "suspended",
        /// Gone into another.
        Merged = "merged",
        /// 注销.
        Dissolved = "dissolved",
        /// Given up by those who prepared it.
        Withdrawn = "withdrawn",
        /// Not approved.
        Rejected = "rejected",
    }
}

/// An organization.
#[derive(Debug, Clone, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = organizations)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000005", "kind": "regional_chapter", "name": "深圳校友会", "name_en": "Shenzhen Chapter", "code": "shenzhen", "parent_id": "01914a6b-7c00-7000-8000-000000000006", "college_id": null, "region_code": "440300", "country": "CN", "industry": null, "time_zone": "Asia/Shanghai", "status": "active", "created_at": "2019-01-07T04:00:00Z", "updated_at": "2019-01-07T04:00:00Z"}))]
pub struct Organization {
    pub id: OrganizationId,
    pub kind: Kind,
    pub name: String,
    pub name_en: Option<String>,
    /// Unique: `shenzhen`.
    pub code: String,
    /// The governance axis; null for the association.
    pub parent_id: Option<OrganizationId>,
    /// The other axis: of this college,
    pub college_id: Option<CollegeId>,
    /// in this region (GB/T 2260, two to six digits),
    pub region_code: Option<String>,
    /// in this country (ISO 3166-1 alpha-2),
    pub country: Option<String>,
    /// of this industry.
    pub industry: Option<String>,
    /// IANA.
    pub time_zone: String,
    pub status: Status,
    #[serde(skip)]
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A new organization; it starts in `preparing`.
#[derive(Debug, Deserialize, Validate, Insertable, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = organizations)]
#[validate(schema(function = axes))]
#[schema(example = json!({"kind": "regional_chapter", "name": "计算机学院上海校友会", "name_en": "Computer Science Shanghai Chapter", "code": "cs-shanghai",
    "parent_id": "01914a6b-7c00-7000-8000-000000000001", "college_id": "01914a6b-7c00-7000-8000-000000000002", "region_code": "310000"}))]
pub struct NewOrganization {
    pub kind: Kind,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    pub name: Line,
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_en: Option<Line>,
    #[validate(length(max = 40), custom(function = text::code))]
    #[schema(max_length = 40, pattern = "^[a-z0-9-]+$")]
    pub code: String,
    /// Needed by all but the association.
    pub parent_id: Option<OrganizationId>,
    /// Needed by a college branch.
    pub college_id: Option<CollegeId>,
    #[validate(custom(function = region))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 6, pattern = "^[0-9]{2,6}$")]
    pub region_code: Option<Line>,
    #[validate(custom(function = text::country))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$")]
    pub country: Option<Line>,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub industry: Option<Line>,
    /// IANA; `Asia/Shanghai` unless given.
    #[serde(default = "shanghai")]
    #[validate(custom(function = text::time_zone))]
    #[schema(max_length = 60, default = "Asia/Shanghai")]
    pub time_zone: String,
}

/// Changes to an organization. Its kind, code and place in the tree stay.
#[derive(Debug, Deserialize, Validate, AsChangeset, ToSchema)]
#[serde(deny_unknown_fields)]
#[diesel(table_name = organizations)]
#[schema(example = json!({"name_en": "Shenzhen Alumni Chapter"}))]
pub struct OrganizationPatch {
    #[serde(default, deserialize_with = "given")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 200)]
    pub name: Option<Line>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 200))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200)]
    pub name_en: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(custom(function = region))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 6, pattern = "^[0-9]{2,6}$")]
    pub region_code: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(custom(function = text::country))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, pattern = "^[A-Z]{2}$")]
    pub country: Option<Option<Line>>,
    #[serde(default, deserialize_with = "patched")]
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub industry: Option<Option<Line>>,
    #[serde(default, deserialize_with = "given")]
    #[validate(custom(function = text::time_zone))]
    #[schema(nullable = false, max_length = 60)]
    pub time_zone: Option<String>,
}

/// Which organizations; both axes in one question.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrganizationFilter {
    /// By code.
    #[serde(default)]
    pub code: Vec<String>,
    /// Of one of these kinds.
    #[serde(default)]
    pub kind: Vec<Kind>,
    /// In one of these states.
    #[serde(default)]
    pub status: Vec<Status>,
    /// Directly below this one; with `descendants=true` anywhere below.
    #[serde(default)]
    pub parent_id: Vec<OrganizationId>,
    /// Whether `parent_id` reaches all the way down.
    #[serde(default)]
    pub descendants: bool,
    /// Of this college.
    #[serde(default)]
    pub college_id: Vec<CollegeId>,
    /// By prefix: `44` finds all of Guangdong.
    #[serde(default)]
    pub region_code: Vec<String>,
    /// In this country (ISO 3166-1 alpha-2).
    #[serde(default)]
    pub country: Vec<String>,
    /// Of this industry, as written.
    #[serde(default)]
    pub industry: Vec<String>,
    /// A part of the name, Chinese or English.
    pub q: Option<String>,
}

/// One step of an organization's lifecycle.
#[derive(Debug, Queryable, Selectable, Serialize, ToSchema)]
#[diesel(table_name = organization_transitions)]
#[schema(example = json!({"id": "01914a6b-7c00-7000-8000-000000000007", "organization_id": "01914a6b-7c00-7000-8000-000000000005", "from": "preparing", "to": "approved", "on": "2019-05-18", "document_no": "校友字〔2019〕7号", "reason": null, "actor_id": "01914a6b-7c00-7000-8000-000000000008", "created_at": "2019-05-18T04:00:00Z"}))]
pub struct Transition {
    pub id: TransitionId,
    pub organization_id: OrganizationId,
    #[serde(rename = "from")]
    pub from_status: Status,
    #[serde(rename = "to")]
    pub to_status: Status,
    #[serde(rename = "on")]
    pub happened_on: NaiveDate,
    pub document_no: Option<String>,
    pub reason: Option<String>,
    /// Who did it.
    pub actor_id: Option<AccountId>,
    pub created_at: DateTime<Utc>,
}

/// A step to take.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to": "approved", "on": "2019-05-18", "document_no": "校友字〔2019〕7号", "reason": "筹备完成"}))]
pub struct NewTransition {
    pub to: Status,
    /// The day on which it takes effect.
    #[validate(custom(function = text::day))]
    pub on: NaiveDate,
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    pub document_no: Option<Line>,
    #[validate(length(min = 1, max = 2000))]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub reason: Option<Prose>,
}

impl Status {
    /// Decides a step of the lifecycle; 409 `step_refused` for one that is not listed.
    pub fn step(self, to: Self) -> Result<()> {
        let from: &[Self] = match to {
            Self::Preparing => &[],
            Self::Approved | Self::Withdrawn | Self::Rejected => &[Self::Preparing],
            Self::Active => &[Self::Approved, Self::Suspended],
            Self::Suspended => &[Self::Active],
            Self::Merged | Self::Dissolved => &[Self::Active, Self::Suspended],
        };
        state::leap(self, from)
    }
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

fn axes(new: &NewOrganization) -> Result<(), ValidationError> {
    match (new.kind, new.parent_id, new.college_id) {
        (Kind::Association, Some(_), _) => Err(text::field_error("parent_id", "not_expected")),
        (Kind::Association, None, _) => Ok(()),
        (_, None, _) => Err(text::field_error("parent_id", "required")),
        (Kind::CollegeBranch, _, None) => Err(text::field_error("college_id", "required")),
        _ => Ok(()),
    }
}

/// GB/T 2260: two to six digits.
fn region(code: &str) -> Result<(), ValidationError> {
    match (2..=6).contains(&code.len()) && code.chars().all(|c| c.is_ascii_digit()) {
        true => Ok(()),
        false => Err(ValidationError::new("region_code")),
    }
}

impl Resource for Transition {
    fn version_tag(&self) -> String {
        self.id.to_string()
    }
    fn path(&self) -> String {
        format!("/organizations/{}/transitions", self.organization_id)
    }
}

impl Resource for Organization {
    fn version_tag(&self) -> String {
        self.version.to_string()
    }
    fn path(&self) -> String {
        format!("/organizations/{}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::state::Word as _;

    #[test]
    fn every_step_of_the_lifecycle_is_allowed_or_refused_as_listed() {
        use Status::{Active, Approved, Dissolved, Merged, Preparing, Rejected, Suspended, Withdrawn};
        let allowed = [
            (Preparing, Approved),
            (Preparing, Withdrawn),
            (Preparing, Rejected),
            (Approved, Active),
            (Active, Suspended),
            (Suspended, Active),
            (Active, Merged),
            (Suspended, Merged),
            (Active, Dissolved),
            (Suspended, Dissolved),
        ];
        for from in Status::ALL {
            for to in Status::ALL.iter().filter(|to| *to != from) {
                assert_eq!(from.step(*to).is_ok(), allowed.contains(&(*from, *to)), "{from:?} to {to:?}");
            }
        }
    }
}
