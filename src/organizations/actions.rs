//! What is done with organizations: applied for, changed, taken through their lifecycle.

use serde_json::json;

use super::model::{
    NewOrganization, NewTransition, Organization, OrganizationFilter, OrganizationPatch, Status, Transition,
};
use super::store::{self, Taken};
use crate::access::policy::Act;
use crate::access::tx::Tx;
use crate::base::error::{Error, Fault, NOT_FOUND, Result, Unmet};
use crate::base::ids::OrganizationId;
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::base::state::Word as _;
use crate::http::reply::Resource as _;
use crate::journal::Change;
use crate::slice::Placed;

/// Adds an organization in `preparing`.
pub async fn create_organization(tx: &mut Tx, new: &NewOrganization) -> Result<Organization> {
    let place = match new.parent_id {
        Some(parent) => visible_parent(tx, parent).await?,
        None => vec![],
    };
    let permit = tx.require(Act::CreateOrganization, &place).await?;
    if let Some(college) = new.college_id.map(Scope::College).filter(|college| !place.contains(college)) {
        // The other axis is somebody's too: who names a college must be of it.
        tx.require(Act::CreateOrganization, &[college]).await?;
    }
    let id = tx.id();
    let organization = store::insert(tx, permit, id, new).await?;
    tx.record(Change::new("organization.created", "organization", id).facts(json!({"kind": organization.kind})));
    Ok(organization)
}

async fn visible_parent(tx: &mut Tx, parent: OrganizationId) -> Result<Vec<Scope>> {
    match read_organization(tx, parent).await {
        Ok(parent) => store::place(tx, parent.id).await,
        Err(error) if error.code() == Some(NOT_FOUND.code) => Err(Fault::new("/parent_id", "not_found").into()),
        Err(error) => Err(error),
    }
}

pub(super) async fn list_organizations(
    tx: &mut Tx,
    filter: &OrganizationFilter,
    page: &PageRequest,
) -> Result<Page<Organization>> {
    let reach = tx.reach(Act::ListOrganizations).await?;
    store::list(tx, filter, &reach, page).await
}

pub(super) async fn read_organization(tx: &mut Tx, id: OrganizationId) -> Result<Organization> {
    let organization = store::organization(tx, id).await?;
    require_sight(tx, &organization).await?;
    Ok(organization)
}

pub(super) async fn update_organization(
    tx: &mut Tx,
    id: OrganizationId,
    patch: &OrganizationPatch,
) -> Result<Organization> {
    let before = store::lock(tx, id).await?;
    require_sight(tx, &before).await?;
    let place = store::place(tx, id).await?;
    let permit = tx.require(Act::UpdateOrganization, &place).await?;
    tx.check_version(&before.version_tag())?;
    let fields = tx.fields.clone();
    tx.record(Change::new("organization.updated", "organization", id).fields(fields));
    store::update(tx, permit, id, patch).await
}

/// Takes a step of the lifecycle: a row of its own, so taking it twice is refused.
pub async fn step_organization(tx: &mut Tx, id: OrganizationId, new: &NewTransition) -> Result<Transition> {
    let before = store::lock(tx, id).await?;
    require_sight(tx, &before).await?;
    let place = store::place(tx, id).await?;
    let act = match new.to {
        Status::Dissolved | Status::Merged => Act::DissolveOrganization,
        _ => Act::CreateTransition,
    };
    let permit = tx.require(act, &place).await?;
    tx.check_version(&before.version_tag())?;
    before.status.step(new.to)?;
    if new.on > tx.today() {
        let (need, have) = (json!(tx.today()), json!(new.on));
        return Err(Error::unmet(vec![Unmet { code: "not_in_future", need, have }]));
    }
    let transition = tx.id();
    let facts =
        json!({"from": before.status.as_str(), "to": new.to.as_str(), "on": new.on, "document_no": new.document_no});
    let reason = new.reason.clone().map(String::from);
    tx.record(Change::new("organization.transitioned", "organization", id).facts(facts).reason(reason));
    store::set_status(tx, permit, id, new.to).await?;
    let taken = Taken {
        organization_id: id,
        from_status: before.status,
        to_status: new.to,
        happened_on: new.on,
        document_no: new.document_no.as_deref(),
        reason: new.reason.as_deref(),
        actor_id: tx.caller.account(),
    };
    store::insert_transition(tx, transition, taken).await
}

pub(super) async fn list_transitions(tx: &mut Tx, id: OrganizationId, page: &PageRequest) -> Result<Page<Transition>> {
    let organization = store::organization(tx, id).await?;
    let place = store::place(tx, organization.id).await?;
    tx.require_sight(Act::ListTransitions, &place).await?;
    store::list_transitions(tx, id, page).await
}

/// 404 for an organization that the caller may not see.
pub async fn require_visible(tx: &mut Tx, id: OrganizationId) -> Result<()> {
    read_organization(tx, id).await.map(drop)
}

/// Active ones are public; the others are seen by those whose grants cover them.
async fn require_sight(tx: &mut Tx, organization: &Organization) -> Result<()> {
    if organization.status == Status::Active {
        return Ok(());
    }
    let place = store::place(tx, organization.id).await?;
    tx.require_sight(Act::ReadOrganization, &place).await.map(drop)
}

/// An organization for an act: an active one everybody reads.
pub(super) async fn locate(tx: &mut Tx, act: Act, id: OrganizationId) -> Result<Placed> {
    let organization = read_organization(tx, id).await?;
    let open = act == Act::ReadOrganization && organization.status == Status::Active;
    Ok(Placed { place: store::place(tx, id).await?, open })
}
