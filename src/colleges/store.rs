//! The SQL of colleges and classes.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use super::model::{
    CLASS_EXISTS, CODE_TAKEN, ClassGroup, ClassGroupFilter, ClassGroupPatch, College, CollegeFilter, CollegePatch,
    NewClassGroup, NewCollege,
};
use crate::access::tx::{Permit, Tx};
use crate::base::error::{Error, Fault, NOT_FOUND, Result};
use crate::base::ids::{ClassGroupId, CollegeId};
use crate::base::page::{Page, PageRequest};
use crate::db::{OnConstraint as _, OrRefuse as _, total};
use crate::schema::{class_groups, colleges};

pub async fn insert_college(tx: &mut Tx, _: Permit, id: CollegeId, new: &NewCollege) -> Result<College> {
    let now = tx.now();
    diesel::insert_into(colleges::table)
        .values((colleges::id.eq(id), new, colleges::created_at.eq(now), colleges::updated_at.eq(now)))
        .returning(College::as_returning())
        .get_result(&mut **tx)
        .await
        .on_constraint("colleges_code_key", CODE_TAKEN)
}

pub async fn college(tx: &mut Tx, id: CollegeId) -> Result<College> {
    colleges::table.find(id).select(College::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn lock_college(tx: &mut Tx, id: CollegeId) -> Result<College> {
    colleges::table
        .find(id)
        .select(College::as_select())
        .for_no_key_update()
        .first(&mut **tx)
        .await
        .or_refuse(NOT_FOUND)
}

pub async fn update_college(tx: &mut Tx, _: Permit, id: CollegeId, patch: &CollegePatch) -> Result<College> {
    let now = tx.now();
    let college = diesel::update(colleges::table.find(id))
        .set((patch, colleges::version.eq(colleges::version + 1), colleges::updated_at.eq(now)))
        .returning(College::as_returning())
        .get_result(&mut **tx)
        .await?;
    Ok(college)
}

fn matching_colleges(filter: &CollegeFilter) -> colleges::BoxedQuery<'_, Pg> {
    let mut query = colleges::table.into_boxed();
    if !filter.code.is_empty() {
        query = query.filter(colleges::code.eq_any(&filter.code));
    }
    query
}

pub async fn list_colleges(tx: &mut Tx, filter: &CollegeFilter, page: &PageRequest) -> Result<Page<College>> {
    let mut query = matching_colleges(filter);
    if let Some((code, id)) = page.after::<(String, CollegeId)>()? {
        query = query.filter(colleges::code.gt(code.clone()).or(colleges::code.eq(code).and(colleges::id.gt(id))));
    }
    let ordered = query.order((colleges::code, colleges::id)).limit(page.fetch());
    let rows = ordered.select(College::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, matching_colleges(filter), colleges::id);
    Ok(page.page(rows, |college| (college.code.clone(), college.id))?.counted(total))
}

pub async fn insert_class_group(tx: &mut Tx, _: Permit, id: ClassGroupId, new: &NewClassGroup) -> Result<ClassGroup> {
    let now = tx.now();
    diesel::insert_into(class_groups::table)
        .values((class_groups::id.eq(id), new, class_groups::created_at.eq(now), class_groups::updated_at.eq(now)))
        .returning(ClassGroup::as_returning())
        .get_result(&mut **tx)
        .await
        .on_constraint("class_groups_identity_key", CLASS_EXISTS)
        .on_constraint("class_groups_college_fkey", Fault::new("/college_id", "not_found"))
}

pub async fn class_group(tx: &mut Tx, id: ClassGroupId) -> Result<ClassGroup> {
    class_groups::table.find(id).select(ClassGroup::as_select()).first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn lock_class_group(tx: &mut Tx, id: ClassGroupId) -> Result<ClassGroup> {
    let row = class_groups::table.find(id).select(ClassGroup::as_select());
    row.for_no_key_update().first(&mut **tx).await.or_refuse(NOT_FOUND)
}

pub async fn update_class_group(
    tx: &mut Tx,
    _: Permit,
    id: ClassGroupId,
    patch: &ClassGroupPatch,
) -> Result<ClassGroup> {
    let now = tx.now();
    let changes = (patch, class_groups::version.eq(class_groups::version + 1), class_groups::updated_at.eq(now));
    let years = |code| Error::from(Fault::new("/graduation_year", code));
    diesel::update(class_groups::table.find(id))
        .set(changes)
        .returning(ClassGroup::as_returning())
        .get_result(&mut **tx)
        .await
        .on_constraint("class_groups_identity_key", CLASS_EXISTS)
        .on_constraint("class_groups_year_check", years("year_needed"))
        .on_constraint("class_groups_years_check", years("year_order"))
}

fn matching_class_groups(filter: &ClassGroupFilter) -> class_groups::BoxedQuery<'_, Pg> {
    let mut query = class_groups::table.into_boxed();
    if !filter.college_id.is_empty() {
        query = query.filter(class_groups::college_id.eq_any(&filter.college_id));
    }
    if !filter.graduation_year.is_empty() {
        query = query.filter(class_groups::graduation_year.eq_any(&filter.graduation_year));
    }
    if !filter.entry_year.is_empty() {
        query = query.filter(class_groups::entry_year.eq_any(&filter.entry_year));
    }
    query
}

pub async fn list_class_groups(tx: &mut Tx, filter: &ClassGroupFilter, page: &PageRequest) -> Result<Page<ClassGroup>> {
    let mut query = matching_class_groups(filter);
    if let Some(id) = page.after::<ClassGroupId>()? {
        query = query.filter(class_groups::id.gt(id));
    }
    let ordered = query.order(class_groups::id).limit(page.fetch());
    let rows = ordered.select(ClassGroup::as_select()).load(&mut **tx).await?;
    let total = total!(tx, page, matching_class_groups(filter), class_groups::id);
    Ok(page.page(rows, |class| class.id)?.counted(total))
}

/// How many of these are colleges.
pub async fn count_colleges(tx: &mut Tx, ids: &[Uuid]) -> Result<usize> {
    let rows = colleges::table.filter(colleges::id.eq_any(ids)).select(colleges::id);
    Ok(rows.load::<CollegeId>(&mut **tx).await?.len())
}

/// How many of these are classes.
pub async fn count_class_groups(tx: &mut Tx, ids: &[Uuid]) -> Result<usize> {
    let rows = class_groups::table.filter(class_groups::id.eq_any(ids)).select(class_groups::id);
    Ok(rows.load::<ClassGroupId>(&mut **tx).await?.len())
}
