// ParkSyncCatalog
