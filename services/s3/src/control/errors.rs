//! The errors that S3 Control answers with.
//!
//! The models name few of them; the others are those that clients know, such as Terraform's provider.

welkin_kernel::errors! {
    /// Rules forbid it.
    AccessDenied(403): "Access Denied";
    /// The request contradicts itself or the state.
    InvalidRequest(400): "Invalid Request";
    /// The account blocks no public access.
    NoSuchPublicAccessBlockConfiguration: "The public access block configuration was not found";
}
