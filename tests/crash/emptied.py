"""Deletes everything from buckets."""


def empty(client, buckets: list[str]) -> None:
    for bucket in buckets:
        for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            gone = page.get("Versions", []) + page.get("DeleteMarkers", [])
            names = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in gone]
            if names:
                done = client.delete_objects(Bucket=bucket, Delete={"Objects": names, "Quiet": True})
                for error in done.get("Errors", []):
                    release(client, bucket, error)


def release(client, bucket: str, error: dict) -> None:
    """Deletes a version that is held."""
    assert error["Code"] == "AccessDenied", error
    names = {"Bucket": bucket, "Key": error["Key"], "VersionId": error["VersionId"]}
    client.put_object_legal_hold(**names, LegalHold={"Status": "OFF"})
    client.delete_object(**names)
