//! The SQL of organizations, their tree and their transitions.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, SmallInt};
use diesel_async::RunQueryDsl;

use super::model::{
    ASSOCIATION_EXISTS, BRANCH_EXISTS, CODE_TAKEN, NewOrganization, Organization, OrganizationFilter,
    OrganizationPatch, Status, Transition,
};
use crate::access::caller::Reach;
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Fault, NOT_FOUND, Result};
use crate::base::ids::{AccountId, CollegeId, OrganizationId, TransitionId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::db::{OnConstraint as _, OrRefuse as _, containing, total};
use crate::schema::{organization_ancestors as ancestors, organization_transitions as transitions, organizations};

pub async fn insert(tx: &mut Tx, _: Permit, id: OrganizationId, new: &NewOrganization) -> Result<Organization> {
    let now = tx.now();
    let made = (
        organizations::id.eq(id),
        organizations::status.eq(Status::Preparing),
        organizations::created_at.eq(now),
        organizations::updated_at.eq(now),
    );
    let row = diesel::insert_into(organizations::table).values((new, made)).returning(Organization::as_returning());
    let organization = row
        .get_result(&mut **tx)
        .await
        .on_constraint("organizations_code_key", CODE_TAKEN)
        .on_constraint("organizations_one_association_key", ASSOCIATION_EXISTS)
        .on_constraint("organizations_one_live_branch_key", BRANCH_EXISTS)
        .on_constraint("organizations_college_fkey", Fault::new("/college_id", "not_found"))?;
    insert_ancestors(tx, &organization).await?;
    Ok(organization)
}

/// Itself, and all that stand above its parent.
async fn insert_ancestors(tx: &mut Tx, organization: &Organization) -> Result<()> {
    let own = (
        ancestors::organization_id.eq(organization.id),
        ancestors::ancestor_id.eq(organization.id),
        ancestors::depth.eq(0),
    );
    diesel::insert_into(ancestors::table).values(own).execute(&mut **tx).await?;
    let Some(parent) = organization.parent_id else {
        return Ok(());
    };
    let of_parent = ancestors::table.filter(ancestors::organization_id.eq(parent)).select((
        organization.id.into_sql::<diesel::sql_types::Uuid>(),
        ancestors::ancestor_id,
        ancestors::depth + 1.into_sql::<SmallInt>(),
    ));
    diesel::insert_into(ancestors::table)
        .values(of_parent)
        .into_columns((ancestors::organization_id, ancestors::ancestor_id, ancestors::depth))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn organization(tx: &mut Tx, id: OrganizationId) -> Result<Organization> {
    let row = organizations::table.find(id).select(Organization::as_select());
    row.first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn lock(tx: &mut Tx, id: OrganizationId) -> Result<Organization> {
    let row = organizations::table.find(id).select(Organization::as_select());
    row.for_no_key_update().first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn update(tx: &mut Tx, _: Permit, id: OrganizationId, patch: &OrganizationPatch) -> Result<Organization> {
    let now = tx.now();
    let changes = (patch, organizations::version.eq(organizations::version + 1), organizations::updated_at.eq(now));
    let row = diesel::update(organizations::table.find(id)).set(changes).returning(Organization::as_returning());
    Ok(row.get_result(&mut **tx).await?)
}

pub async fn set_status(tx: &mut Tx, _: Permit, id: OrganizationId, status: Status) -> Result<Organization> {
    let now = tx.now();
    let changes = (
        organizations::status.eq(status),
        organizations::version.eq(organizations::version + 1),
        organizations::updated_at.eq(now),
    );
    let row = diesel::update(organizations::table.find(id)).set(changes).returning(Organization::as_returning());
    row.get_result(&mut **tx).await.on_constraint("organizations_one_live_branch_key", BRANCH_EXISTS)
}

/// What a transition's row says besides its ids.
#[derive(Insertable)]
#[diesel(table_name = transitions)]
pub struct Taken<'a> {
    pub organization_id: OrganizationId,
    pub from_status: Status,
    pub to_status: Status,
    pub happened_on: chrono::NaiveDate,
    pub document_no: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub actor_id: Option<AccountId>,
}

pub async fn insert_transition(tx: &mut Tx, id: TransitionId, taken: Taken<'_>) -> Result<Transition> {
    let made = (transitions::id.eq(id), transitions::created_at.eq(tx.now()));
    let row = diesel::insert_into(transitions::table).values((taken, made)).returning(Transition::as_returning());
    Ok(row.get_result(&mut **tx).await?)
}

pub async fn list_transitions(tx: &mut Tx, id: OrganizationId, page: &PageRequest) -> Result<Page<Transition>> {
    let all = || transitions::table.filter(transitions::organization_id.eq(id)).into_boxed::<Pg>();
    let mut query = all();
    if let Some(after) = page.after::<TransitionId>()? {
        query = query.filter(transitions::id.gt(after));
    }
    let rows = query.order(transitions::id).limit(page.fetch()).select(Transition::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, all(), transitions::id);
    Ok(page.page(rows, |transition| transition.id)?.counted(total))
}

/// Ids of organizations, as a subquery.
pub type Governed = ancestors::BoxedQuery<'static, Pg, diesel::sql_types::Uuid>;

/// Ids of the organizations that a reach covers: those granted with all below, and those of granted colleges.
pub fn governed_by(reach: &Reach) -> Governed {
    let of_colleges = organizations::table.filter(organizations::college_id.eq_any(reach.colleges.clone()));
    let granted = ancestors::ancestor_id.eq_any(reach.organizations.clone());
    ancestors::table
        .filter(granted.or(ancestors::ancestor_id.eq_any(of_colleges.select(organizations::id))))
        .select(ancestors::organization_id)
        .into_boxed()
}

type Condition = Box<dyn BoxableExpression<organizations::table, Pg, SqlType = Nullable<Bool>>>;

/// Whether the region's code starts with one of these.
fn in_regions(prefixes: &[String]) -> Condition {
    let none: Condition = Box::new(organizations::region_code.eq_any(Vec::<String>::new()));
    // Codes have digits only, so what has others begins none (and brings no wildcards).
    let codes = prefixes.iter().filter(|prefix| prefix.chars().all(|c| c.is_ascii_digit()));
    codes.fold(none, |any, prefix| Box::new(any.or(organizations::region_code.like(format!("{prefix}%")))))
}

fn matching<'a>(filter: &'a OrganizationFilter, reach: &'a Reach) -> organizations::BoxedQuery<'a, Pg> {
    let mut query = organizations::table.into_boxed();
    if !reach.all {
        let governed = governed_by(reach);
        query = query.filter(organizations::status.eq(Status::Active).or(organizations::id.eq_any(governed)));
    }
    if !filter.code.is_empty() {
        query = query.filter(organizations::code.eq_any(&filter.code));
    }
    if !filter.kind.is_empty() {
        query = query.filter(organizations::kind.eq_any(&filter.kind));
    }
    if !filter.status.is_empty() {
        query = query.filter(organizations::status.eq_any(&filter.status));
    }
    if !filter.parent_id.is_empty() {
        let below =
            ancestors::table.filter(ancestors::ancestor_id.eq_any(&filter.parent_id)).filter(ancestors::depth.gt(0));
        query = match filter.descendants {
            true => query.filter(organizations::id.eq_any(below.select(ancestors::organization_id))),
            false => query.filter(organizations::parent_id.eq_any(&filter.parent_id)),
        };
    }
    if !filter.college_id.is_empty() {
        query = query.filter(organizations::college_id.eq_any(&filter.college_id));
    }
    if !filter.region_code.is_empty() {
        query = query.filter(in_regions(&filter.region_code));
    }
    if !filter.country.is_empty() {
        query = query.filter(organizations::country.eq_any(&filter.country));
    }
    if !filter.industry.is_empty() {
        query = query.filter(organizations::industry.eq_any(&filter.industry));
    }
    if let Some(part) = &filter.q {
        let pattern = containing(part);
        query = query.filter(organizations::name.ilike(pattern.clone()).or(organizations::name_en.ilike(pattern)));
    }
    query
}

pub async fn list(
    tx: &mut Tx,
    filter: &OrganizationFilter,
    reach: &Reach,
    page: &PageRequest,
) -> Result<Page<Organization>> {
    let mut query = matching(filter, reach);
    if let Some(id) = page.after::<OrganizationId>()? {
        query = query.filter(organizations::id.gt(id));
    }
    let rows =
        query.order(organizations::id).limit(page.fetch()).select(Organization::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, matching(filter, reach), organizations::id);
    Ok(page.page(rows, |organization| organization.id)?.counted(total))
}

/// Where an organization lies: which grants cover it. Empty when there is none such.
pub async fn place(tx: &mut Tx, id: OrganizationId) -> Result<Vec<Scope>> {
    let rows: Vec<(OrganizationId, Option<CollegeId>)> = ancestors::table
        .inner_join(organizations::table.on(organizations::id.eq(ancestors::ancestor_id)))
        .filter(ancestors::organization_id.eq(id))
        .select((ancestors::ancestor_id, organizations::college_id))
        .load(&mut **tx)
        .await?;
    let colleges = rows.iter().filter_map(|(_, college)| college.map(Scope::College));
    Ok(rows.iter().map(|(id, _)| Scope::Organization(*id)).chain(colleges).collect())
}

/// An organization's status.
pub async fn status_of(tx: &mut Tx, id: OrganizationId) -> Result<Status> {
    organizations::table.find(id).select(organizations::status).first(&mut **tx).await.or_refuse(NOT_FOUND)
}
