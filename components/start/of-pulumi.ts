/** Pulumi's own files, wherever a package manager puts them. */
export const OF_PULUMI = /[\\/]@pulumi[\\/]pulumi[\\/]/;
