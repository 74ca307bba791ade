//! Making and removing a virtual MFA device.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Empty, Operation, Result};

use super::{MfaDevice, key};
use crate::errors::{DeleteConflictException, EntityAlreadyExistsException};
use crate::named::{demand, known};
use crate::tag::{self, Tag};
use crate::{access, account_alias, base32, qr_code};

/// Length of a seed in bytes: AWS tells it as 64 characters of base 32.
const SEED: usize = 40;

/// Makes a device that belongs to nobody yet. Its seed is told only in this answer, as text and as QR code.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateVirtualMFADevice {
    path: Option<String>,
    #[serde(rename = "VirtualMFADeviceName")]
    name: String,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CreateVirtualMFADeviceResponse {
    #[serde(rename = "VirtualMFADevice")]
    device: NewDevice,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NewDevice {
    serial_number: String,
    base32_string_seed: Bytes,
    #[serde(rename = "QRCodePNG")]
    qr_code: Bytes,
    tags: Option<Vec<Tag>>,
}

impl CreateVirtualMFADevice {
    fn path(&self) -> &str {
        self.path.as_deref().unwrap_or("/")
    }
}

impl Operation for CreateVirtualMFADevice {
    const NAME: &'static str = "CreateVirtualMFADevice";
    type Output = CreateVirtualMFADeviceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        Ok(access::to(cx, "iam:CreateVirtualMFADevice")?
            .on(cx.here().global_arn("iam", format_args!("mfa{}{}", self.path(), self.name)))
            .request_tags(&tag::read(self.tags.as_ref())?))
    }

    async fn run(&self, cx: &mut Cx) -> Result<CreateVirtualMFADeviceResponse> {
        if cx.exists::<MfaDevice>(cx.here(), key(self.path(), &self.name)).await? {
            return Err(EntityAlreadyExistsException::because(
                "MFADevice entity at the same path and name already exists.",
            ));
        }
        let seed: [u8; SEED] = cx.chance().bytes();
        let context = MfaDevice::seal_context(self.path(), &self.name);
        let device = MfaDevice {
            name: self.name.clone(),
            path: self.path().to_owned(),
            seed: cx.sealer().seal(cx.chance(), &context, &seed)?,
            assigned: None,
            tags: tag::read(self.tags.as_ref())?,
        };
        cx.put(cx.here(), &device).await?;
        let secret = base32::encode(&seed);
        let issuer = account_alias::name(cx).await?.unwrap_or_else(|| cx.account().to_string());
        let qr_code = qr_code::png(&format!("otpauth://totp/{}@{issuer}?secret={secret}", self.name))?;
        Ok(CreateVirtualMFADeviceResponse {
            device: NewDevice {
                serial_number: device.serial(cx.here()),
                base32_string_seed: secret.into(),
                qr_code: qr_code.into(),
                tags: tag::some(&device.tags),
            },
        })
    }
}

/// Removes a device that is nobody's.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteVirtualMFADevice {
    serial_number: String,
}

impl Operation for DeleteVirtualMFADevice {
    const NAME: &'static str = "DeleteVirtualMFADevice";
    type Output = Empty;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        demand::<MfaDevice>(cx, "iam:DeleteVirtualMFADevice", &self.serial_number).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<Empty> {
        let device = known::<MfaDevice>(cx, &self.serial_number).await?;
        if device.assigned.is_some() {
            return Err(DeleteConflictException::because("MFA VirtualDevice in use. Must deactivate first."));
        }
        cx.delete::<MfaDevice>(cx.here(), key(&device.path, &device.name)).await?;
        Ok(Empty {})
    }
}
