//! Inputs and outputs of which several operations share groups of members.
//!
//! [`shape!`] declares a structure; `+checksums,` and the like stand for a group. [`gives!`] then says
//! which groups the structure has, so that rules are written once for each group.

/// Declares an input or output, with groups of members where `+group,` stands.
///
/// The members are spelled out in the structure, so that the registry holds each against the model.
macro_rules! shape {
    ($(#[$meta:meta])* pub(crate) struct $name:ident { $($body:tt)* }) => {
        shape!(@ [$(#[$meta])* #[serde(rename_all = "PascalCase")] pub(crate) struct $name] [] $($body)*);
    };
    (@ $head:tt [$($done:tt)*] + checksums, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            #[serde(rename = "ChecksumCRC32")] checksum_crc32: Option<String>,
            #[serde(rename = "ChecksumCRC32C")] checksum_crc32c: Option<String>,
            #[serde(rename = "ChecksumCRC64NVME")] checksum_crc64nvme: Option<String>,
            #[serde(rename = "ChecksumSHA1")] checksum_sha1: Option<String>,
            #[serde(rename = "ChecksumSHA256")] checksum_sha256: Option<String>,
            #[serde(rename = "ChecksumSHA512")] checksum_sha512: Option<String>,
            #[serde(rename = "ChecksumMD5")] checksum_md5: Option<String>,
            #[serde(rename = "ChecksumXXHASH64")] checksum_xxhash64: Option<String>,
            #[serde(rename = "ChecksumXXHASH3")] checksum_xxhash3: Option<String>,
            #[serde(rename = "ChecksumXXHASH128")] checksum_xxhash128: Option<String>,
        ] $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + customer_key, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            #[serde(rename = "SSECustomerAlgorithm")] sse_customer_algorithm: Option<String>,
            #[serde(rename = "SSECustomerKey")] sse_customer_key: Option<String>,
            #[serde(rename = "SSECustomerKeyMD5")] sse_customer_key_md5: Option<String>,
        ] $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + encryption, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            server_side_encryption: Option<String>,
            #[serde(rename = "SSEKMSKeyId")] sse_kms_key_id: Option<String>,
            #[serde(rename = "SSEKMSEncryptionContext")] sse_kms_encryption_context: Option<String>,
            bucket_key_enabled: Option<bool>,
        ] + customer_key, $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + encrypted, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            server_side_encryption: Option<String>,
            #[serde(rename = "SSEKMSKeyId")] sse_kms_key_id: Option<String>,
            bucket_key_enabled: Option<bool>,
            #[serde(rename = "SSECustomerAlgorithm")] sse_customer_algorithm: Option<String>,
            #[serde(rename = "SSECustomerKeyMD5")] sse_customer_key_md5: Option<String>,
        ] $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + headers, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            cache_control: Option<String>,
            content_disposition: Option<String>,
            content_encoding: Option<String>,
            content_language: Option<String>,
            content_type: Option<String>,
            expires: Option<Timestamp>,
            website_redirect_location: Option<String>,
            storage_class: Option<String>,
            #[serde(default)] metadata: BTreeMap<String, String>,
        ] $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + settings, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            tagging: Option<String>,
            #[serde(rename = "ACL")] acl: Option<String>,
            grant_full_control: Option<String>,
            grant_read: Option<String>,
            #[serde(rename = "GrantReadACP")] grant_read_acp: Option<String>,
            #[serde(rename = "GrantWriteACP")] grant_write_acp: Option<String>,
            object_lock_mode: Option<String>,
            object_lock_retain_until_date: Option<Timestamp>,
            object_lock_legal_hold_status: Option<String>,
            object_lock_event_hold: Option<String>,
        ] + headers, + encryption, $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + reading, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            bucket: String,
            key: String,
            version_id: Option<String>,
            if_match: Option<String>,
            if_none_match: Option<String>,
            if_modified_since: Option<Timestamp>,
            if_unmodified_since: Option<Timestamp>,
            range: Option<String>,
            part_number: Option<i64>,
            checksum_mode: Option<String>,
            response_cache_control: Option<String>,
            response_content_disposition: Option<String>,
            response_content_encoding: Option<String>,
            response_content_language: Option<String>,
            response_content_type: Option<String>,
            response_expires: Option<Timestamp>,
        ] + customer_key, $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] + source, $($rest:tt)*) => {
        shape!(@ $head [$($done)*
            copy_source: String,
            copy_source_if_match: Option<String>,
            copy_source_if_none_match: Option<String>,
            copy_source_if_modified_since: Option<Timestamp>,
            copy_source_if_unmodified_since: Option<Timestamp>,
            #[serde(rename = "CopySourceSSECustomerAlgorithm")] copy_source_sse_customer_algorithm: Option<String>,
            #[serde(rename = "CopySourceSSECustomerKey")] copy_source_sse_customer_key: Option<String>,
            #[serde(rename = "CopySourceSSECustomerKeyMD5")] copy_source_sse_customer_key_md5: Option<String>,
        ] $($rest)*);
    };
    (@ $head:tt [$($done:tt)*] $(#[$meta:meta])* $field:ident: $type:ty, $($rest:tt)*) => {
        shape!(@ $head [$($done)* $(#[$meta])* $field: $type,] $($rest)*);
    };
    (@ [$($head:tt)*] [$($done:tt)*]) => {
        $($head)* { $($done)* }
    };
}

/// Says which groups of members a structure of [`shape!`] has.
macro_rules! gives {
    ($name:ident: $($group:ident),*) => { $(gives!(@$group $name);)* };
    (@checksums $name:ident) => {
        impl crate::checksum::Carries for $name {
            fn carried(&self) -> crate::checksum::Carried<'_> {
                use crate::checksum::Algorithm::*;
                [
                    (Crc32, self.checksum_crc32.as_deref()),
                    (Crc32C, self.checksum_crc32c.as_deref()),
                    (Crc64Nvme, self.checksum_crc64nvme.as_deref()),
                    (Sha1, self.checksum_sha1.as_deref()),
                    (Sha256, self.checksum_sha256.as_deref()),
                    (Sha512, self.checksum_sha512.as_deref()),
                    (Md5, self.checksum_md5.as_deref()),
                    (XxHash64, self.checksum_xxhash64.as_deref()),
                    (XxHash3, self.checksum_xxhash3.as_deref()),
                    (XxHash128, self.checksum_xxhash128.as_deref()),
                ]
            }

            fn slot(&mut self, algorithm: crate::checksum::Algorithm) -> &mut Option<String> {
                use crate::checksum::Algorithm::*;
                match algorithm {
                    Crc32 => &mut self.checksum_crc32,
                    Crc32C => &mut self.checksum_crc32c,
                    Crc64Nvme => &mut self.checksum_crc64nvme,
                    Sha1 => &mut self.checksum_sha1,
                    Sha256 => &mut self.checksum_sha256,
                    Sha512 => &mut self.checksum_sha512,
                    Md5 => &mut self.checksum_md5,
                    XxHash64 => &mut self.checksum_xxhash64,
                    XxHash3 => &mut self.checksum_xxhash3,
                    XxHash128 => &mut self.checksum_xxhash128,
                }
            }
        }
    };
    (@customer_key $name:ident) => {
        impl $name {
            fn customer_key(&self) -> crate::encryption::CustomerKeyHeaders<'_> {
                crate::encryption::CustomerKeyHeaders {
                    algorithm: self.sse_customer_algorithm.as_deref(),
                    key: self.sse_customer_key.as_deref(),
                    md5: self.sse_customer_key_md5.as_deref(),
                }
            }
        }
    };
    (@reading $name:ident) => {
        gives!(@customer_key $name);
        impl $name {
            fn reading(&self) -> crate::object::get::Reading<'_> {
                crate::object::get::Reading {
                    bucket: &self.bucket,
                    key: &self.key,
                    version: self.version_id.as_deref(),
                    conditions: crate::condition::ReadConditions {
                        if_match: self.if_match.as_deref(),
                        if_none_match: self.if_none_match.as_deref(),
                        if_modified_since: self.if_modified_since,
                        if_unmodified_since: self.if_unmodified_since,
                    },
                    range: self.range.as_deref(),
                    part: self.part_number,
                    checksum: self.checksum_mode.as_deref().is_some_and(|mode| mode.eq_ignore_ascii_case("ENABLED")),
                    overrides: crate::object::settings::HeadersIn {
                        cache_control: self.response_cache_control.as_deref(),
                        content_disposition: self.response_content_disposition.as_deref(),
                        content_encoding: self.response_content_encoding.as_deref(),
                        content_language: self.response_content_language.as_deref(),
                        content_type: self.response_content_type.as_deref(),
                        expires: self.response_expires,
                    },
                    customer: self.customer_key(),
                }
            }
        }
    };
    (@source $name:ident) => {
        impl $name {
            fn source(&self) -> crate::object::copy::SourceIn<'_> {
                crate::object::copy::SourceIn {
                    path: &self.copy_source,
                    conditions: crate::condition::ReadConditions {
                        if_match: self.copy_source_if_match.as_deref(),
                        if_none_match: self.copy_source_if_none_match.as_deref(),
                        if_modified_since: self.copy_source_if_modified_since,
                        if_unmodified_since: self.copy_source_if_unmodified_since,
                    },
                    customer: crate::encryption::CustomerKeyHeaders {
                        algorithm: self.copy_source_sse_customer_algorithm.as_deref(),
                        key: self.copy_source_sse_customer_key.as_deref(),
                        md5: self.copy_source_sse_customer_key_md5.as_deref(),
                    },
                }
            }
        }
    };
    (@encryption $name:ident) => {
        gives!(@customer_key $name);
        impl $name {
            fn encryption(&self) -> crate::encryption::Requested<'_> {
                crate::encryption::Requested {
                    algorithm: self.server_side_encryption.as_deref(),
                    key_id: self.sse_kms_key_id.as_deref(),
                    context: self.sse_kms_encryption_context.as_deref(),
                    bucket_key: self.bucket_key_enabled,
                    customer: self.customer_key(),
                }
            }
        }
    };
    (@encrypted $name:ident) => {
        impl crate::encryption::Shows for $name {
            fn show(&mut self, shown: crate::encryption::Shown) {
                self.server_side_encryption = shown.algorithm;
                self.sse_kms_key_id = shown.key_id;
                self.bucket_key_enabled = shown.bucket_key;
                self.sse_customer_algorithm = shown.customer_algorithm;
                self.sse_customer_key_md5 = shown.customer_key_md5;
            }
        }
    };
    (@settings $name:ident) => {
        gives!(@encryption $name);
        impl $name {
            fn settings(&self) -> crate::object::settings::Requested<'_> {
                crate::object::settings::Requested {
                    headers: crate::object::settings::HeadersIn {
                        cache_control: self.cache_control.as_deref(),
                        content_disposition: self.content_disposition.as_deref(),
                        content_encoding: self.content_encoding.as_deref(),
                        content_language: self.content_language.as_deref(),
                        content_type: self.content_type.as_deref(),
                        expires: self.expires,
                    },
                    redirect: self.website_redirect_location.as_deref(),
                    storage_class: self.storage_class.as_deref(),
                    metadata: &self.metadata,
                    tagging: self.tagging.as_deref(),
                    acl: crate::acl::Given {
                        canned: self.acl.as_deref(),
                        headers: crate::acl::headers::Headers {
                            full_control: self.grant_full_control.as_deref(),
                            read: self.grant_read.as_deref(),
                            read_acp: self.grant_read_acp.as_deref(),
                            write: None,
                            write_acp: self.grant_write_acp.as_deref(),
                        },
                        body: None,
                    },
                    lock: crate::object::lock::LockIn {
                        mode: self.object_lock_mode.as_deref(),
                        until: self.object_lock_retain_until_date,
                        hold: self.object_lock_legal_hold_status.as_deref(),
                        event_hold: self.object_lock_event_hold.as_deref(),
                    },
                    encryption: self.encryption(),
                }
            }
        }
    };
}
