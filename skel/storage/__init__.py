"""Where traces lie: files, the standard streams, web servers and object storage, packed or not."""
