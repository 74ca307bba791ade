//! The rows of the credential report.

use std::fmt::Write as _;

use welkin_kernel::{Cx, Page, Place, Result, Timestamp};

use crate::access_key::AccessKey;
use crate::entity::Kind;
use crate::password_policy::{self, PasswordPolicy};
use crate::usage::{self, KeyUse};
use crate::user::{ROOT, User};
use crate::{login_profile, mfa, signing_certificate};

const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

const NONE: &str = "N/A";

/// The report of the present account: a row for the root user and one for each user.
pub(super) async fn of(cx: &mut Cx) -> Result<String> {
    let place = cx.here();
    let policy = password_policy::find(cx, place).await?;
    let mut csv = HEADER.to_owned();
    let root = String::from(place.global_arn("iam", "root"));
    // UNVERIFIED: AWS shows when the account was made. Accounts exist from the beginning here.
    row(
        cx,
        &mut csv,
        place,
        Subject { holder: ROOT, name: "<root_account>", arn: root, made: Timestamp::from_secs(0) },
        None,
    )
    .await?;
    for user in cx.list::<User>(place, (), Page::ALL).await? {
        let arn = String::from(user.head.arn(Kind::User, place));
        let subject = Subject { holder: &user.head.id, name: &user.head.name, arn, made: user.head.created };
        row(cx, &mut csv, place, subject, policy.as_ref()).await?;
    }
    Ok(csv)
}

struct Subject<'a> {
    holder: &'a str,
    name: &'a str,
    arn: String,
    made: Timestamp,
}

async fn row(
    cx: &mut Cx,
    csv: &mut String,
    place: Place,
    subject: Subject<'_>,
    policy: Option<&PasswordPolicy>,
) -> Result<()> {
    let mut fields = vec![subject.name.to_owned(), subject.arn, time(subject.made)];
    fields.extend(password(cx, place, subject.holder, policy).await?);
    fields.push((!mfa::of_holder(cx, place, subject.holder).await?.is_empty()).to_string());
    let mut keys = cx.find::<AccessKey>(place, "holder", subject.holder, 0).await?;
    keys.sort_by_key(|key| key.created);
    for at in 0..2 {
        fields.extend(key(cx, place, keys.get(at)).await?);
    }
    let certificates = signing_certificate::of(cx, place, subject.holder).await?;
    for at in 0..2 {
        let certificate = certificates.get(at);
        fields.push(certificate.is_some_and(|certificate| certificate.is_active()).to_string());
        fields.push(certificate.map_or_else(|| NONE.to_owned(), |certificate| time(certificate.uploaded)));
    }
    // Names and ARNs of IAM hold neither quotes nor line breaks; a comma is quoted.
    csv.push('\n');
    for (at, field) in fields.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        let _ = if field.contains(',') { write!(csv, "{comma}\"{field}\"") } else { write!(csv, "{comma}{field}") };
    }
    Ok(())
}

/// Whether there is a password, when it was used and changed, and when it must be changed.
async fn password(cx: &mut Cx, place: Place, holder: &str, policy: Option<&PasswordPolicy>) -> Result<[String; 4]> {
    let none = || NONE.to_owned();
    if holder == ROOT {
        let unsupported = || "not_supported".to_owned();
        let used =
            usage::last(cx, place, ROOT).await?.map_or_else(|| "no_information".to_owned(), |used| time(used.at));
        return Ok([unsupported(), used, unsupported(), unsupported()]);
    }
    Ok(match login_profile::find(cx, place, holder).await? {
        // Welkin has no console to sign in to.
        Some(profile) => {
            let rotation = profile.expires(policy).map_or_else(none, time);
            ["true".to_owned(), "no_information".to_owned(), time(profile.changed), rotation]
        }
        None => ["false".to_owned(), none(), none(), none()],
    })
}

/// Whether a key is active, when it was made, and when, where and for what it was used.
async fn key(cx: &mut Cx, place: Place, key: Option<&AccessKey>) -> Result<[String; 5]> {
    let none = || NONE.to_owned();
    let Some(key) = key else { return Ok(["false".to_owned(), none(), none(), none(), none()]) };
    let used = cx.get::<KeyUse>(place, &key.id).await?;
    Ok([
        key.active.to_string(),
        time(key.created),
        used.as_ref().map_or_else(none, |used| time(used.at)),
        used.as_ref().map_or_else(none, |used| used.region.name().to_owned()),
        used.map_or_else(none, |used| used.service),
    ])
}

/// A time as AWS writes it, e.g. `2026-11-20T22:00:00+00:00`.
fn time(time: Timestamp) -> String {
    match jiff::Timestamp::from_second(time.secs()) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        Err(_) => NONE.to_owned(),
    }
}
