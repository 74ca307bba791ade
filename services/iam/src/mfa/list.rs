//! Showing MFA devices.

use serde::{Deserialize, Serialize};
use welkin_kernel::{Access, Cx, Operation, Page, Result, Timestamp};

use super::{MfaDevice, of_holder};
use crate::access;
use crate::entity::by_id;
use crate::errors::NoSuchEntityException;
use crate::named::known;
use crate::page::Wanted;
use crate::tag::{self, Tag};
use crate::user::{self, Meant, ROOT, User, UserView, meant};

/// Lists the devices of a user.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMFADevices {
    user_name: Option<String>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListMFADevicesResponse {
    #[serde(rename = "MFADevices")]
    devices: Vec<DeviceView>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DeviceView {
    user_name: String,
    serial_number: String,
    enable_date: Timestamp,
}

impl Operation for ListMFADevices {
    const NAME: &'static str = "ListMFADevices";
    type Output = ListMFADevicesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        user::demand(cx, "iam:ListMFADevices", self.user_name.as_ref()).await
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListMFADevicesResponse> {
        let (holder, name) = user::holder(cx, self.user_name.as_ref()).await?;
        let place = cx.here();
        let user_name = name.unwrap_or_else(|| cx.account().to_string());
        let devices = of_holder(cx, place, &holder).await?.into_iter().filter_map(|device| {
            Some(DeviceView {
                user_name: user_name.clone(),
                serial_number: device.serial(place),
                enable_date: device.assigned?.enabled,
            })
        });
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(devices.collect(), |device| device.serial_number.clone())?;
        Ok(ListMFADevicesResponse { is_truncated: page.is_truncated(), devices: page.items, marker: page.marker })
    }
}

/// Tells of a device that is enabled.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMFADevice {
    serial_number: String,
    user_name: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetMFADeviceResponse {
    user_name: Option<String>,
    serial_number: String,
    enable_date: Option<Timestamp>,
}

impl Operation for GetMFADevice {
    const NAME: &'static str = "GetMFADevice";
    type Output = GetMFADeviceResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        match meant(cx, self.user_name.as_ref()) {
            Ok(Meant::User(name)) => access::on::<User>(cx, "iam:GetMFADevice", &name).await,
            // A role's session asks for a device without saying whose it is.
            Ok(Meant::Root) | Err(_) => access::to(cx, "iam:GetMFADevice"),
        }
    }

    async fn run(&self, cx: &mut Cx) -> Result<GetMFADeviceResponse> {
        let device = known::<MfaDevice>(cx, &self.serial_number).await?;
        let place = cx.here();
        let (enable_date, user_name) = match &device.assigned {
            Some(assigned) if assigned.holder == ROOT => (Some(assigned.enabled), None),
            Some(assigned) => {
                let user = by_id::<User>(cx, place, &assigned.holder).await?;
                (Some(assigned.enabled), user.map(|user| user.head.name))
            }
            None => (None, None),
        };
        let asked = self.user_name.as_deref();
        if asked.is_some_and(|asked| !user_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(asked))) {
            return Err(NoSuchEntityException::because("MFA Device invalid for user."));
        }
        Ok(GetMFADeviceResponse { user_name, serial_number: device.serial(place), enable_date })
    }
}

/// Lists the account's virtual devices.
/// <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html>
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListVirtualMFADevices {
    assignment_status: Option<AssignmentStatus>,
    marker: Option<String>,
    max_items: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum AssignmentStatus {
    Assigned,
    Unassigned,
    Any,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListVirtualMFADevicesResponse {
    #[serde(rename = "VirtualMFADevices")]
    devices: Vec<VirtualDeviceView>,
    is_truncated: bool,
    marker: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VirtualDeviceView {
    serial_number: String,
    user: Option<UserView>,
    enable_date: Option<Timestamp>,
    tags: Option<Vec<Tag>>,
}

impl Operation for ListVirtualMFADevices {
    const NAME: &'static str = "ListVirtualMFADevices";
    type Output = ListVirtualMFADevicesResponse;

    async fn access(&self, cx: &mut Cx) -> Result<Access> {
        access::to(cx, "iam:ListVirtualMFADevices")
    }

    async fn run(&self, cx: &mut Cx) -> Result<ListVirtualMFADevicesResponse> {
        let status = self.assignment_status.unwrap_or(AssignmentStatus::Any);
        let place = cx.here();
        let mut devices = cx.list::<MfaDevice>(place, (), Page::ALL).await?;
        devices.retain(|device| match status {
            AssignmentStatus::Any => true,
            AssignmentStatus::Assigned => device.assigned.is_some(),
            AssignmentStatus::Unassigned => device.assigned.is_none(),
        });
        let wanted = Wanted { marker: self.marker.as_deref(), max_items: self.max_items };
        let page = wanted.of(devices, |device| device.serial(place))?;
        let mut views = Vec::with_capacity(page.items.len());
        for device in &page.items {
            let user = match &device.assigned {
                Some(assigned) if assigned.holder == ROOT => Some(user::root_view(cx)),
                Some(assigned) => {
                    by_id::<User>(cx, place, &assigned.holder).await?.map(|user| UserView::brief(&user, place))
                }
                None => None,
            };
            views.push(VirtualDeviceView {
                serial_number: device.serial(place),
                user,
                enable_date: device.assigned.as_ref().map(|assigned| assigned.enabled),
                tags: tag::some(&device.tags),
            });
        }
        Ok(ListVirtualMFADevicesResponse { is_truncated: page.marker.is_some(), devices: views, marker: page.marker })
    }
}
