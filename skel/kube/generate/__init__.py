"""Makes `skel/kube/data` from the published OpenAPI of Kubernetes; used by `make update`, never at run time."""
