//! Facts that are known from the API references, and the look-ups of routing.
#![allow(clippy::unwrap_used)]

use welkin_model::{
    Entry, Kind, Location, Operation, Protocol, Service, Shape, Structure, TimestampFormat, XmlNamespace,
    by_endpoint_prefix, by_service_id, by_signing_name, by_target_prefix, service, services,
};

fn operation(id: &str, name: &str) -> (&'static Service, &'static Operation) {
    let service = service(id).unwrap();
    (service, service.operation(name).unwrap())
}

fn structure(service: &'static Service, name: &str) -> &'static Structure {
    service.shape_named(name).unwrap().structure().unwrap()
}

fn input(service: &'static Service, operation: &Operation) -> &'static Structure {
    service.shape(operation.input.unwrap()).structure().unwrap()
}

fn output(service: &'static Service, operation: &Operation) -> &'static Structure {
    service.shape(operation.output.unwrap()).structure().unwrap()
}

fn ids(entries: impl Iterator<Item = &'static Entry>) -> Vec<&'static str> {
    entries.map(|entry| entry.id).collect()
}

#[test]
fn s3_put_object_streams_its_body() {
    let (s3, put) = operation("s3", "PutObject");
    assert_eq!((put.method, put.uri, put.status), ("PUT", "/{Bucket}/{Key+}", 200));
    assert_eq!(s3.protocols, [Protocol::RestXml]);
    let input = input(s3, put);
    assert_eq!(input.payload, Some("Body"));
    let body = input.member("Body").unwrap();
    assert!(body.streaming);
    assert!(matches!(s3.shape(body.shape).kind, Kind::Blob { .. }));
    let at = |name: &str| input.member(name).map(|member| (member.location, member.location_name, member.required));
    assert_eq!(at("Bucket"), Some((Location::Uri, Some("Bucket"), true)));
    assert_eq!(at("ContentMD5"), Some((Location::Header, Some("Content-MD5"), false)));
    assert_eq!(at("Metadata"), Some((Location::Headers, Some("x-amz-meta-"), false)));
    let checksum = put.checksum.as_ref().unwrap();
    assert_eq!((checksum.required, checksum.request_algorithm_member), (false, Some("ChecksumAlgorithm")));
    let (_, get) = operation("s3", "GetObject");
    let checksum = get.checksum.as_ref().unwrap();
    assert_eq!(checksum.request_validation_mode_member, Some("ChecksumMode"));
    assert!(checksum.response_algorithms.contains(&"CRC64NVME"));
    assert!(operation("s3", "DeleteObjects").1.checksum.as_ref().unwrap().required);
}

#[test]
fn s3_grantee_is_written_with_its_namespace() {
    let s3 = service("s3").unwrap();
    let grantee = structure(s3, "Grant").member("Grantee").unwrap();
    let xsi = XmlNamespace { uri: "http://www.w3.org/2001/XMLSchema-instance", prefix: Some("xsi") };
    assert_eq!(grantee.xml_namespace, Some(xsi));
    let kind = structure(s3, "Grantee").member("Type").unwrap();
    assert!(kind.xml_attribute);
    assert_eq!(kind.location_name, Some("xsi:type"));
}

#[test]
fn s3_list_objects_is_paged() {
    let (_, list) = operation("s3", "ListObjectsV2");
    let pagination = list.pagination.as_ref().unwrap();
    assert_eq!(pagination.input_token, ["ContinuationToken"]);
    assert_eq!(pagination.output_token, ["NextContinuationToken"]);
    assert_eq!(pagination.result_key, ["Contents", "CommonPrefixes"]);
    assert_eq!((pagination.limit_key, pagination.more_results), (Some("MaxKeys"), Some("IsTruncated")));
}

#[test]
fn sqs_speaks_json_and_query() {
    let (sqs, send) = operation("sqs", "SendMessage");
    assert_eq!(sqs.protocols, [Protocol::Json, Protocol::Query]);
    assert_eq!((sqs.json_version, sqs.target_prefix), (Some("1.0"), Some("AmazonSQS")));
    assert!(sqs.query_compatible);
    assert_eq!(send.result_wrapper, Some("SendMessageResult"));
    let attributes = input(sqs, send).member("MessageAttributes").unwrap();
    assert_eq!((attributes.query_name, attributes.location_name), (Some("MessageAttribute"), None));
    let Kind::Map { key, value, flattened: true, .. } = &sqs.shape(attributes.shape).kind else { panic!() };
    assert_eq!((key.query_name, value.query_name), (Some("Name"), Some("Value")));
}

#[test]
fn sqs_in_query_has_the_names_of_query() {
    let sqs = service("sqs").unwrap();
    let query = sqs.in_protocol(Protocol::Query);
    let entries = |service: &'static Service| {
        let entries = structure(service, "SendMessageBatchRequest").member("Entries").unwrap();
        let Kind::List { member, .. } = &service.shape(entries.shape).kind else { panic!() };
        (entries.shape, member.location_name)
    };
    let (shape, name) = entries(query);
    assert_eq!((shape, name), (entries(sqs).0, Some("SendMessageBatchRequestEntry")));
    assert_eq!(entries(sqs).1, None);
    assert_eq!(structure(query, "Message").member("Attributes").unwrap().location_name, Some("Attribute"));
    assert!(std::ptr::eq(sqs.in_protocol(Protocol::Json), sqs));
    assert!(std::ptr::eq(sqs.in_protocol(Protocol::Query), query));
    let sns = service("sns").unwrap();
    assert!(std::ptr::eq(sns.in_protocol(Protocol::Query), sns));
}

#[test]
fn sqs_errors_keep_their_query_codes() {
    let sqs = service("sqs").unwrap();
    let by_name = sqs.error("QueueDoesNotExist").unwrap();
    let by_code = sqs.error("AWS.SimpleQueueService.NonExistentQueue").unwrap();
    assert_eq!((by_name.name, by_code.name), ("QueueDoesNotExist", "QueueDoesNotExist"));
    assert_eq!((by_code.error_code(), by_code.error_status()), ("AWS.SimpleQueueService.NonExistentQueue", 400));
    assert_eq!(sqs.error("OverLimit").map(Shape::error_status), Some(403));
    assert!(sqs.error("SendMessageRequest").is_none());
}

#[test]
fn errors_have_codes_and_statuses() {
    let status = |id: &str, error: &str| service(id).unwrap().error(error).unwrap().error_status();
    assert_eq!(status("iam", "NoSuchEntity"), 404);
    assert_eq!(status("lambda", "ResourceNotFoundException"), 404);
    assert_eq!(status("kms", "NotFoundException"), 400);
    assert_eq!(status("dynamodb", "InternalServerError"), 500);
    let monitoring = service("cloudwatch").unwrap();
    assert_eq!(monitoring.error("LimitExceeded").unwrap().name, "LimitExceededFault");
    // Two shapes have this code.
    assert_eq!(monitoring.error("ResourceNotFound").unwrap().name, "ResourceNotFound");
}

#[test]
fn cloudwatch_speaks_three_protocols() {
    let (cloudwatch, put) = operation("cloudwatch", "PutMetricData");
    assert_eq!(cloudwatch.protocols, [Protocol::RpcV2Cbor, Protocol::Json, Protocol::Query]);
    assert!(cloudwatch.speaks(Protocol::Query) && !cloudwatch.speaks(Protocol::RestJson));
    assert!(put.gzip);
    assert_eq!(cloudwatch.target_prefix, Some("GraniteServiceVersion20100801"));
}

#[test]
fn ec2_has_names_of_its_own() {
    let ec2 = service("ec2").unwrap();
    assert_eq!(ec2.protocols, [Protocol::Ec2]);
    let addresses = structure(ec2, "InstanceNetworkInterfaceSpecification").member("Ipv6Addresses").unwrap();
    assert_eq!((addresses.location_name, addresses.query_name), (Some("ipv6AddressesSet"), Some("Ipv6Addresses")));
}

#[test]
fn route53_requests_have_a_namespace() {
    let (_, change) = operation("route53", "ChangeResourceRecordSets");
    let element = change.input_element.unwrap();
    assert_eq!(element.name, "ChangeResourceRecordSetsRequest");
    assert_eq!(element.namespace, Some("https://route53.amazonaws.com/doc/2013-04-01/"));
}

#[test]
fn global_services_have_one_host() {
    assert_eq!(service("sts").unwrap().global_endpoint, Some("sts.amazonaws.com"));
    assert_eq!(service("iam").unwrap().global_endpoint, Some("iam.amazonaws.com"));
    assert_eq!(service("kms").unwrap().global_endpoint, None);
}

#[test]
fn some_calls_are_not_signed() {
    assert!(operation("sts", "AssumeRoleWithSAML").1.unsigned);
    assert!(!operation("sts", "AssumeRole").1.unsigned);
    assert!(operation("s3", "WriteGetObjectResponse").1.unsigned_payload);
    assert_eq!(operation("s3", "WriteGetObjectResponse").1.host_prefix, Some("{RequestRoute}."));
}

#[test]
fn kinesis_streams_events() {
    let (kinesis, subscribe) = operation("kinesis", "SubscribeToShard");
    let stream = output(kinesis, subscribe).member("EventStream").unwrap();
    let events = kinesis.shape(stream.shape).structure().unwrap();
    assert!(events.event_stream);
    let record = events.member("SubscribeToShardEvent").unwrap();
    assert!(kinesis.shape(record.shape).structure().unwrap().event);
    let s3 = service("s3").unwrap();
    let payload = structure(s3, "RecordsEvent").member("Payload").unwrap();
    assert!(payload.event_payload);
}

#[test]
fn constraints_are_kept() {
    let kms = service("kms").unwrap();
    let name = kms.shape_named("AliasNameType").unwrap();
    assert_eq!((name.min, name.max, name.pattern), (Some(1.0), Some(256.0), Some("^[a-zA-Z0-9:/_-]+$")));
    assert!(kms.shape_named("PlaintextType").unwrap().sensitive);
    let Kind::String { values } = &kms.shape_named("DataKeySpec").unwrap().kind else { panic!() };
    assert_eq!(values, &["AES_256", "AES_128"]);
}

#[test]
fn timestamps_have_their_format_at_every_reference() {
    let format = |id: &str, shape: &str, member: &str| {
        structure(service(id).unwrap(), shape).member(member).unwrap().timestamp_format
    };
    assert_eq!(format("accessanalyzer", "AccessPreview", "createdAt"), Some(TimestampFormat::Iso8601));
    assert_eq!(format("s3", "GetObjectRequest", "IfModifiedSince"), None);
}

#[test]
fn look_ups_find_all_that_share_a_name() {
    assert_eq!(ids(by_signing_name("s3")), ["s3", "s3control"]);
    assert_eq!(ids(by_signing_name("ses")), ["mailmanager", "pinpoint-email", "ses", "sesv2"]);
    assert_eq!(ids(by_signing_name("states")), ["stepfunctions"]);
    assert_eq!(ids(by_target_prefix("DynamoDB_20120810")), ["dynamodb"]);
    assert_eq!(ids(by_endpoint_prefix("monitoring")), ["cloudwatch"]);
    assert_eq!(ids(by_service_id("Secrets Manager")), ["secretsmanager"]);
    for nothing in ["", "nosuch", "zzzz", "\u{10ffff}"] {
        assert_eq!(by_signing_name(nothing).count(), 0, "{nothing:?}");
        assert_eq!(by_target_prefix(nothing).count(), 0, "{nothing:?}");
        assert!(service(nothing).is_none());
    }
}

#[test]
fn every_service_is_found_by_each_of_its_names() {
    for entry in services() {
        assert!(ids(by_signing_name(entry.signing_name)).contains(&entry.id));
        assert!(ids(by_endpoint_prefix(entry.endpoint_prefix)).contains(&entry.id));
        assert!(ids(by_service_id(entry.service_id)).contains(&entry.id));
        if let Some(prefix) = entry.target_prefix {
            assert!(ids(by_target_prefix(prefix)).contains(&entry.id));
        }
        assert_eq!(service(entry.id).unwrap().id, entry.id);
    }
}
