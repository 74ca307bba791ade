//! Virtual MFA devices: <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html>.
//!
//! A device is made with a seed that is told once, then enabled for a user by two codes that follow on each other.
//! Its codes are judged by the machine's clock, because authenticator apps follow theirs, and by Welkin's own, so that
//! tests which advance it have codes to show. Each code is accepted once.

mod assign;
mod create;
mod list;

use serde::{Deserialize, Serialize};
use welkin_kernel::{Clock, Cx, Error, IntoKey, Key, MfaFailure, Place, Resource, Result, Scope, Timestamp};

use crate::directory::home;
use crate::errors::NoSuchEntityException;
use crate::named::{Named, tagging};
use crate::tag::Tags;
use crate::totp;
use crate::user::ROOT;

pub(crate) use assign::{DeactivateMFADevice, EnableMFADevice, ResyncMFADevice};
pub(crate) use create::{CreateVirtualMFADevice, DeleteVirtualMFADevice};
pub(crate) use list::{GetMFADevice, ListMFADevices, ListVirtualMFADevices};

/// Steps by which a device may be off when it signs in.
const SKEW: i64 = 1;

/// Used codes that are remembered: more than are acceptable at any time.
const REMEMBERED: usize = 32;

/// A virtual MFA device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct MfaDevice {
    pub(crate) name: String,
    pub(crate) path: String,
    /// The seed, sealed.
    seed: Vec<u8>,
    pub(crate) assigned: Option<Assigned>,
    tags: Tags,
}

/// Whose device it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Assigned {
    /// Unique id of the user, or [`ROOT`].
    pub(crate) holder: String,
    pub(crate) enabled: Timestamp,
    /// Steps by which the device's clock is ahead.
    drift: i64,
    /// Steps whose codes were used lately.
    used: Vec<i64>,
}

impl Resource for MfaDevice {
    const KIND: &'static str = "iam/mfa-device";
    const SCOPE: Scope = Scope::Account;
    const INDEXES: &'static [&'static str] = &["holder"];

    fn key(&self) -> Key {
        key(&self.path, &self.name)
    }

    fn indexes(&self) -> Vec<(&'static str, Key)> {
        self.assigned.iter().map(|assigned| ("holder", (&assigned.holder).into_key())).collect()
    }
}

/// Names are told apart by their case, and by their path.
fn key(path: &str, name: &str) -> Key {
    format!("{path}{name}").into_key()
}

/// Path and name of the device with this serial number in `place`.
fn parse(place: Place, serial: &str) -> Option<(&str, &str)> {
    let prefix = String::from(place.global_arn("iam", "mfa"));
    let rest = serial.strip_prefix(&prefix)?;
    rest.starts_with('/').then(|| rest.split_at(rest.rfind('/').map_or(0, |at| at + 1)))
}

async fn find(cx: &mut Cx, place: Place, serial: &str) -> Result<Option<MfaDevice>> {
    match parse(place, serial) {
        Some((path, name)) => cx.get::<MfaDevice>(place, key(path, name)).await,
        None => Ok(None),
    }
}

/// Devices of a user or the root user.
pub(crate) async fn of_holder(cx: &mut Cx, place: Place, holder: &str) -> Result<Vec<MfaDevice>> {
    cx.find::<MfaDevice>(place, "holder", holder, 0).await
}

impl Named for MfaDevice {
    async fn find(cx: &mut Cx, name: &str) -> Result<Option<Self>> {
        find(cx, cx.here(), name).await
    }

    fn arn(&self, place: Place) -> String {
        self.serial(place)
    }

    fn arn_of(_: Place, name: &str) -> String {
        name.to_owned()
    }

    fn missing(name: &str) -> Error {
        NoSuchEntityException::because(format!("VirtualMFADevice with serial number {name} doesn't exist."))
    }

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn tags_mut(&mut self) -> &mut Tags {
        &mut self.tags
    }
}

tagging!(MfaDevice, serial_number "SerialNumber": TagMFADevice "iam:TagMFADevice", UntagMFADevice "iam:UntagMFADevice",
    ListMFADeviceTags "iam:ListMFADeviceTags");

impl MfaDevice {
    /// Its serial number, which is its ARN.
    pub(crate) fn serial(&self, place: Place) -> String {
        place.global_arn("iam", format_args!("mfa{}{}", self.path, self.name)).into()
    }

    fn seal_context(path: &str, name: &str) -> String {
        format!("iam mfa seed {path}{name}")
    }

    fn seed(&self, cx: &Cx) -> Result<Vec<u8>> {
        let context = Self::seal_context(&self.path, &self.name);
        cx.sealer().open(&context, &self.seed).ok_or_else(|| {
            Error::internal(format_args!("the seed of MFA device {} was sealed by another root key", self.name))
        })
    }

    /// The step within `reach` of the present whose code and next code are these, and how far it is ahead.
    fn synchronise(&self, cx: &Cx, codes: [&str; 2], reach: i64) -> Result<Option<(i64, i64)>> {
        let seed = self.seed(cx)?;
        let shown = |step| same(&totp::code(&seed, step), codes[0]) && same(&totp::code(&seed, step + 1), codes[1]);
        let found = presents(cx).flat_map(|now| totp::near(now, reach).map(move |step| (step, step + 1 - now)));
        // Of the two clocks, the device follows the one that it is nearer to.
        Ok(found.filter(|(step, _)| shown(*step)).min_by_key(|(_, drift)| drift.abs()))
    }
}

/// The steps that are the present: by the machine's clock, and by Welkin's.
fn presents(cx: &Cx) -> impl Iterator<Item = i64> {
    let (machine, own) = (totp::step_at(Clock::machine_now()), totp::step_at(cx.now()));
    std::iter::once(machine).chain((own != machine).then_some(own))
}

/// Compares codes in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

/// Verifies a code of a device of the caller's, and takes it out of use.
pub(crate) async fn verify(cx: &mut Cx, serial: &str, code: &str) -> Result<Result<(), MfaFailure>> {
    let holder = match (cx.principal().user(), cx.principal().is_root()) {
        (Some(user), _) => user.id.clone(),
        (None, true) => ROOT.to_owned(),
        (None, false) => return Ok(Err(MfaFailure::NotTheirs)),
    };
    let Some(account) = cx.principal().account() else { return Ok(Err(MfaFailure::NotTheirs)) };
    let place = home(account);
    let Some(mut device) = find(cx, place, serial).await? else { return Ok(Err(MfaFailure::NotTheirs)) };
    let seed = device.seed(cx)?;
    let Some(assigned) = device.assigned.as_mut().filter(|assigned| assigned.holder == holder) else {
        return Ok(Err(MfaFailure::NotTheirs));
    };
    let steps = presents(cx).flat_map(|now| totp::near(now.saturating_add(assigned.drift), SKEW));
    let fresh = steps.filter(|step| !assigned.used.contains(step)).find(|step| same(&totp::code(&seed, *step), code));
    let Some(step) = fresh else { return Ok(Err(MfaFailure::WrongCode)) };
    assigned.spend(&[step]);
    cx.put(place, &device).await?;
    Ok(Ok(()))
}

impl Assigned {
    /// Remembers that the codes of these steps were used.
    fn spend(&mut self, steps: &[i64]) {
        self.used.extend(steps);
        let too_many = self.used.len().saturating_sub(REMEMBERED);
        self.used.drain(..too_many);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_serial_number_tells_path_and_name() {
        let place = home("111122223333".parse().unwrap());
        for (serial, expected) in [
            ("arn:aws:iam::111122223333:mfa/ada", Some(("/", "ada"))),
            ("arn:aws:iam::111122223333:mfa/a/b/ada", Some(("/a/b/", "ada"))),
            ("arn:aws:iam::111122223333:mfadevice/ada", None),
            ("arn:aws:iam::444455556666:mfa/ada", None),
            ("GAHT12345678", None),
        ] {
            assert_eq!(parse(place, serial), expected, "{serial}");
        }
    }

    #[test]
    fn used_codes_are_remembered_and_bounded() {
        let mut assigned =
            Assigned { holder: ROOT.into(), enabled: Timestamp::from_secs(0), drift: 0, used: Vec::new() };
        for step in 0..100 {
            assigned.spend(&[step]);
        }
        assert_eq!((assigned.used.len(), assigned.used.contains(&99)), (REMEMBERED, true));
    }
}
