//! Every service of the embedded file decodes to what was counted when it was written.
#![allow(clippy::unwrap_used)]

use welkin_model::{Kind, Shape, ShapeId, services};

#[test]
fn every_service_decodes() {
    assert_eq!(services().len(), 439);
    let mut operations = 0;
    for entry in services() {
        let service = entry.service();
        assert_eq!(service.operations.len(), entry.operation_count, "{}", entry.id);
        assert_eq!(service.shapes.len(), entry.shape_count, "{}", entry.id);
        assert!(service.operations.is_sorted_by_key(|operation| operation.name), "{}", entry.id);
        assert!(service.shapes.is_sorted_by_key(|shape| shape.name), "{}", entry.id);
        for operation in &service.operations {
            assert_eq!(service.operation(operation.name).unwrap().uri, operation.uri);
            for id in operation.input.iter().chain(&operation.output).chain(&operation.errors) {
                assert!(service.shape(*id).structure().is_some(), "{} {}", entry.id, operation.name);
            }
            for id in &operation.errors {
                let shape = service.shape(*id);
                assert!(shape.error.is_some(), "{} {}", entry.id, shape.name);
                assert!(service.error(shape.error_code()).is_some(), "{} {}", entry.id, shape.name);
            }
        }
        service.shapes.iter().for_each(check_shape);
        operations += service.operations.len();
    }
    assert_eq!(operations, 19_796);
}

fn check_shape(shape: &Shape) {
    if let Kind::Structure(structure) = &shape.kind {
        for member in &structure.members {
            let found = structure.member(member.name).unwrap();
            assert_eq!((found.name, found.shape), (member.name, member.shape), "{}", shape.name);
        }
        assert!(structure.member("no such member").is_none());
        if let Some(payload) = structure.payload {
            assert!(structure.member(payload).is_some(), "{}: {payload}", shape.name);
        }
    }
}

#[test]
fn the_file_is_small() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/data/models.bin");
    assert!(std::fs::metadata(file).unwrap().len() <= 4 << 20);
}

#[test]
fn ids_are_places() {
    let sqs = welkin_model::service("sqs").unwrap();
    assert_eq!(sqs.shape(ShapeId(0)).name, sqs.shapes[0].name);
}
