//! Files on local disk, S3, GCS and Azure.
