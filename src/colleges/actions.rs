//! What is done with colleges and classes.

use super::model::{
    ClassGroup, ClassGroupFilter, ClassGroupPatch, College, CollegeFilter, CollegePatch, NewClassGroup, NewCollege,
};
use super::store;
use crate::access::policy::Act;
use crate::access::tx::Tx;
use crate::base::error::Result;
use crate::base::ids::{ClassGroupId, CollegeId};
use crate::base::page::{Page, PageRequest};
use crate::base::scope::Scope;
use crate::http::reply::Resource as _;
use crate::journal::Change;
use crate::slice::Placed;

/// Adds a college.
pub async fn create_college(tx: &mut Tx, new: &NewCollege) -> Result<College> {
    let permit = tx.require(Act::CreateCollege, &[]).await?;
    let id = tx.id();
    let college = store::insert_college(tx, permit, id, new).await?;
    tx.record(Change::new("college.created", "college", id));
    Ok(college)
}

pub(super) async fn read_college(tx: &mut Tx, id: CollegeId) -> Result<College> {
    store::college(tx, id).await
}

pub(super) async fn update_college(tx: &mut Tx, id: CollegeId, patch: &CollegePatch) -> Result<College> {
    let before = store::lock_college(tx, id).await?;
    let permit = tx.require(Act::UpdateCollege, &college_place(Act::UpdateCollege, id)).await?;
    tx.check_version(&before.version_tag())?;
    let fields = tx.fields.clone();
    tx.record(Change::new("college.updated", "college", id).fields(fields));
    store::update_college(tx, permit, id, patch).await
}

pub(super) async fn list_colleges(tx: &mut Tx, filter: &CollegeFilter, page: &PageRequest) -> Result<Page<College>> {
    store::list_colleges(tx, filter, page).await
}

/// Adds a class to a college.
pub async fn create_class_group(tx: &mut Tx, new: &NewClassGroup) -> Result<ClassGroup> {
    let permit = tx.require(Act::CreateClassGroup, &college_place(Act::CreateClassGroup, new.college_id)).await?;
    let id = tx.id();
    let class = store::insert_class_group(tx, permit, id, new).await?;
    tx.record(Change::new("class_group.created", "class_group", id));
    Ok(class)
}

pub(super) async fn read_class_group(tx: &mut Tx, id: ClassGroupId) -> Result<ClassGroup> {
    store::class_group(tx, id).await
}

pub(super) async fn update_class_group(tx: &mut Tx, id: ClassGroupId, patch: &ClassGroupPatch) -> Result<ClassGroup> {
    let before = store::lock_class_group(tx, id).await?;
    let permit = tx.require(Act::UpdateClassGroup, &class_place(&before)).await?;
    tx.check_version(&before.version_tag())?;
    let fields = tx.fields.clone();
    tx.record(Change::new("class_group.updated", "class_group", id).fields(fields));
    store::update_class_group(tx, permit, id, patch).await
}

/// Where a college lies: its own record is the office's, its classes are its own.
fn college_place(act: Act, id: CollegeId) -> Vec<Scope> {
    match act {
        Act::CreateClassGroup => vec![Scope::College(id)],
        _ => vec![],
    }
}

/// Where a class lies: in its college.
fn class_place(class: &ClassGroup) -> Vec<Scope> {
    vec![Scope::College(class.college_id)]
}

/// A college for an act; everybody sees it.
pub(super) async fn locate_college(tx: &mut Tx, act: Act, id: CollegeId) -> Result<Placed> {
    let college = store::college(tx, id).await?;
    Ok(Placed { place: college_place(act, college.id), open: act == Act::ReadCollege })
}

/// A class for an act; who is signed in sees it.
pub(super) async fn locate_class_group(tx: &mut Tx, act: Act, id: ClassGroupId) -> Result<Placed> {
    let class = store::class_group(tx, id).await?;
    Ok(Placed { place: class_place(&class), open: act == Act::ReadClassGroup })
}

pub(super) async fn list_class_groups(
    tx: &mut Tx,
    filter: &ClassGroupFilter,
    page: &PageRequest,
) -> Result<Page<ClassGroup>> {
    store::list_class_groups(tx, filter, page).await
}
