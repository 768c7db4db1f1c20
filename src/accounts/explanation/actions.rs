//! Explains: the asker must see the thing, and the answer is what the actions would decide.

use super::super::store;
use super::model::{Explanation, Question, Reason, act, path, reason, thing};
use crate::access::AccountStatus;
use crate::access::policy::Act;
use crate::access::tx::Tx;
use crate::base::error::{NOT_FOUND, NOT_SIGNED_IN, Result};
use crate::base::scope::Scope;
use crate::slice::{PlaceOf, Placed};

pub async fn read_explanation(tx: &mut Tx, places: &[PlaceOf], question: Question) -> Result<Explanation> {
    let asker = tx.caller.account().ok_or(NOT_SIGNED_IN)?;
    let act = act(&question)?;
    let thing = thing(&question, act, places)?;
    let seen = match thing {
        Some((place, id)) => (place.find)(tx, act, id).await?,
        None => Placed { place: vec![], open: false },
    };
    let mut found = Some(seen.clone());
    let account_id = question.account_id.unwrap_or(asker);
    if account_id != asker {
        let permit = tx.require(Act::ExplainToOthers, &[]).await?;
        let account = store::account(tx, account_id).await?;
        if account.status != AccountStatus::Active {
            // Whatever it was granted, it cannot sign in.
            return Err(NOT_FOUND.into());
        }
        tx.look_as(permit, account.id, account.person_id);
        if let Some((place, id)) = thing {
            found = match (place.find)(tx, act, id).await {
                Err(error) if error.code() == Some(NOT_FOUND.code) => None,
                other => Some(other?),
            };
        }
    }
    let day = tx.today();
    let grants = store::grants(tx, account_id, day).await?;
    let path = path(act, &seen.place, grants)?;
    let listed = places.iter().any(|place| place.acts.contains(&act));
    let reason = reason(act, found.as_ref(), &path, listed);
    let allowed = !matches!(reason, Reason::NoGrant | Reason::NotVisible);
    let scopes = std::iter::once(Scope::All).chain(seen.place).map(Into::into);
    Ok(Explanation {
        action: act.name(),
        resource: question.resource,
        account_id,
        allowed,
        reason,
        path,
        needed_roles: if allowed { &[] } else { act.rule().roles },
        scopes: if allowed { vec![] } else { scopes.collect() },
    })
}
