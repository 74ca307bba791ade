//! Giving a device to a user, bringing it into step, and taking it away.

use serde::Deserialize;
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{Assigned, MfaDevice, of_holder};
use crate::access;
use crate::entity::{find, named};
use crate::errors::{EntityAlreadyExistsException, InvalidAuthenticationCodeException, NoSuchEntityException};
use crate::named::known;
use crate::quota;
use crate::user::{self, ROOT, User};

/// Steps within which the two codes are looked for when a device is enabled: ten minutes.
const NEAR: i64 = 20;

/// Steps within which they are looked for when it is brought into step: a day.
const FAR: i64 = 2_880;

/// Unique id of the user of this name, or [`ROOT`] where the root user names itself by its account.
///
/// UNVERIFIED: how AWS's console names the root user in this call.
async fn holder(cx: &mut Cx, name: &str) -> Result<String> {
    if cx.principal().is_root() && name == cx.account().to_string() && find::<User>(cx, name).await?.is_none() {
        return Ok(ROOT.to_owned());
    }
    Ok(named::<User>(cx, name).await?.head.id)
}

fn wrong_codes() -> welkin_kernel::Error {
    InvalidAuthenticationCodeException::because("Authentication code for device is not valid.")
}

/// Enables a device for a user who shows two codes that follow on each other.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnableMFADevice {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

impl Operation for EnableMFADevice {
    const NAME: &'static str = "EnableMFADevice";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:EnableMFADevice", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let holder = holder(cx, &self.user_name).await?;
        let mut device = known::<MfaDevice>(cx, &self.serial_number).await?;
        if device.assigned.is_some() {
            // UNVERIFIED: AWS's wording.
            return Err(EntityAlreadyExistsException::because(format!(
                "MFA device {} is already in use.",
                self.serial_number
            )));
        }
        let devices = of_holder(cx, cx.here(), &holder).await?.len();
        quota::hold("MFADevicesPerUser", devices, quota::MFA_DEVICES_PER_USER)?;
        let codes = [self.authentication_code1.as_str(), self.authentication_code2.as_str()];
        let (step, drift) = device.synchronise(cx, codes, NEAR)?.ok_or_else(wrong_codes)?;
        device.assigned = Some(Assigned { holder, enabled: cx.now().whole_secs(), drift, used: vec![step, step + 1] });
        cx.put(cx.here(), &device).await?;
        Ok(Empty {})
    }
}

/// Brings a device whose clock is off into step, by two codes that follow on each other.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResyncMFADevice {
    user_name: String,
    serial_number: String,
    authentication_code1: String,
    authentication_code2: String,
}

impl Operation for ResyncMFADevice {
    const NAME: &'static str = "ResyncMFADevice";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::on::<User>(cx, "iam:ResyncMFADevice", &self.user_name).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let holder = holder(cx, &self.user_name).await?;
        let mut device = held(cx, &self.serial_number, &holder).await?;
        let codes = [self.authentication_code1.as_str(), self.authentication_code2.as_str()];
        let (step, drift) = device.synchronise(cx, codes, FAR)?.ok_or_else(wrong_codes)?;
        if let Some(assigned) = &mut device.assigned {
            if assigned.used.contains(&(step + 1)) {
                return Err(wrong_codes());
            }
            assigned.drift = drift;
            assigned.spend(&[step, step + 1]);
        }
        cx.put(cx.here(), &device).await?;
        Ok(Empty {})
    }
}

/// Takes a device away from its user.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeactivateMFADevice {
    user_name: Option<String>,
    serial_number: String,
}

impl Operation for DeactivateMFADevice {
    const NAME: &'static str = "DeactivateMFADevice";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        user::demand(cx, "iam:DeactivateMFADevice", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let holder = match &self.user_name {
            Some(name) => holder(cx, name).await?,
            None => user::holder(cx, None).await?.0,
        };
        let mut device = held(cx, &self.serial_number, &holder).await?;
        device.assigned = None;
        cx.put(cx.here(), &device).await?;
        Ok(Empty {})
    }
}

/// The device with this serial number, which must be the holder's.
async fn held(cx: &mut Cx, serial: &str, holder: &str) -> Result<MfaDevice> {
    let device = known::<MfaDevice>(cx, serial).await?;
    if device.assigned.as_ref().is_some_and(|assigned| assigned.holder == holder) {
        return Ok(device);
    }
    Err(NoSuchEntityException::because("MFA Device invalid for user."))
}
