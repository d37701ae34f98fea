// What we use of CloudNativePG's API, postgresql.cnpg.io/v1, as its reference has it.
interface Metadata { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
interface Named { name: string }
interface Key extends Named { key: string }
interface Quantities { cpu?: string; memory?: string }

export interface Cluster {
  apiVersion: 'postgresql.cnpg.io/v1';
  kind: 'Cluster';
  metadata: Metadata;
  spec: {
    instances: number;
    imageName?: string;
    inheritedMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
    minSyncReplicas?: number;
    maxSyncReplicas?: number;
    bootstrap?: { initdb?: { database: string; owner: string; encoding?: string; localeCollate?: string; localeCType?: string; secret?: Named;
      postInitSQL?: string[]; postInitApplicationSQL?: string[] } };
    managed?: { roles?: { name: string; ensure?: 'present' | 'absent'; login?: boolean; passwordSecret?: Named }[] };
    postgresql?: { parameters?: Record<string, string> };
    storage: { size: string; storageClass?: string };
    resources?: { requests?: Quantities; limits?: Quantities };
    backup?: { retentionPolicy?: string; barmanObjectStore?: { destinationPath: string; endpointURL?: string;
      s3Credentials?: { accessKeyId: Key; secretAccessKey: Key } } };
  };
}

export interface ScheduledBackup {
  apiVersion: 'postgresql.cnpg.io/v1';
  kind: 'ScheduledBackup';
  metadata: Metadata;
  spec: { schedule: string; immediate?: boolean; backupOwnerReference?: 'none' | 'self' | 'cluster'; cluster: Named };
}
