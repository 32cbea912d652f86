// The feature gates of Kubernetes 1.36 with their history: a name, then for each change the minor version, the stage (alpha, beta,
// ga, deprecated), the default (+ on, - off), and ! where the gate can no longer be set otherwise.
// From kubernetes/kubernetes, test/compatibility_lifecycle/reference (Apache-2.0, The Kubernetes Authors).
// Made by scripts/feature-gates.ts. May not: be edited by hand.

/** The minor version whose gates these are. */
export const gateDataMinor = 36

export const gateData = `
APIResponseCompression 8a- 16b+
APIServerIdentity 20a- 26b+
APIServerTracing 22a- 27b+ 34g+!
APIServingWithRoutine 30a-
AggregatedDiscoveryRemoveBetaType 0g- 33d+ 35d+!
AllowDNSOnlyNodeCSR 0g+ 31d-
AllowInsecureKubeletCertificateSigningRequests 0g+ 31d-
AllowOverwriteTerminationGracePeriodSeconds 0g+ 32d- 35d-!
AllowParsingUserUIDFromCertAuth 33b+
AllowServiceExternalIPs 0g+
AllowUnsafeMalformedObjectDeletion 32a-
AnonymousAuthConfigurableEndpoints 31a- 32b+ 34g+!
AnyVolumeDataSource 18a- 24b+ 33g+!
AtomicFIFO 36b+
AuthorizeNodeWithSelectors 31a- 32b+ 34g+!
AuthorizePodWebsocketUpgradeCreatePermission 35b+
AuthorizeWithSelectors 31a- 32b+ 34g+!
BtreeWatchCache 32b+ 33g+!
CBORServingAndStorage 32a-
CPUManagerPolicyAlphaOptions 23a-
CPUManagerPolicyBetaOptions 23b+
CPUManagerPolicyOptions 22a- 23b+ 33g+!
CRDObservedGenerationTracking 35b- 36b+
CRDValidationRatcheting 28a- 30b+ 33g+!
CRIListStreaming 36a-
CSIServiceAccountTokenSecrets 35b+ 36g+!
CSIVolumeHealth 21a-
ChangeContainerStatusOnKubeletRestart 0g+ 35d-
ClearingNominatedNodeNameAfterBinding 34a- 35b+
ClientsAllowCARotation 36b+
ClientsAllowCBOR 32a-
ClientsAllowTLSCacheGC 36b+
ClientsPreferCBOR 32a-
CloudControllerManagerWatchBasedRoutesReconciliation 35a-
CloudControllerManagerWebhook 27a-
ClusterTrustBundle 27a- 33b-
ClusterTrustBundleProjection 29a- 33b-
ComponentFlagz 32a- 36b+
ComponentStatusz 32a- 36b+
ConcurrentWatchObjectDecode 31b-
ConsistentListFromCache 28a- 31b+ 34g+!
ConstrainedImpersonation 35a- 36b+
ContainerCheckpoint 25a- 30b+
ContainerRestartRules 34a- 35b+
ContainerStopSignals 33a-
ContextualLogging 24a- 30b+
ControllerManagerReleaseLeaderElectionLockOnExit 36a-
CoordinatedLeaderElection 31a- 33b-
CrossNamespaceVolumeDataSource 26a-
CustomCPUCFSQuotaPeriod 12a- 36g+
CustomResourceFieldSelectors 30a- 31b+ 32g+!
DRAAdminAccess 32a- 34b+ 36g+!
DRAConsumableCapacity 34a- 36b+
DRADeviceBindingConditions 34a- 36b+
DRADeviceTaintRules 35a- 36b-
DRADeviceTaints 33a- 36b+
DRAExtendedResource 34a- 36b+
DRAListTypeAttributes 36a-
DRANodeAllocatableResources 36a-
DRAPartitionableDevices 33a- 36b+
DRAPrioritizedList 33a- 34b+ 36g+
DRAResourceClaimDeviceStatus 32a- 33b+
DRAResourceClaimGranularStatusAuthorization 36b+
DRAResourcePoolStatus 36a-
DRASchedulerFilterTimeout 34b+
DRAWorkloadResourceClaims 36a-
DeclarativeValidation 33b+ 36g+!
DeclarativeValidationBeta 36b+
DeclarativeValidationTakeover 33b- 36d-
DeploymentReplicaSetTerminatingReplicas 33a- 35b+
DetectCacheInconsistency 34b+
DisableAllocatorDualWrite 31a- 33b- 34g+ 35g+!
DisableCPUQuotaWithExclusiveCPUs 33b+ 36d+
DisableNodeKubeProxyVersion 29a- 31d- 33d+ 36d+!
DynamicResourceAllocation 26a- 32b- 34g+ 35g+!
EnvFiles 34a- 35b+
EventedPLEG 26a-
ExecProbeTimeout 20g+ 35g+!
ExtendWebSocketsToKubelet 36b+
ExternalServiceAccountTokenSigner 32a- 34b+ 36g+!
GangScheduling 35a-
GenericWorkload 35a-
GitRepoVolumeDriver 0g+ 33d- 36d-!
GracefulNodeShutdown 20a- 21b+
GracefulNodeShutdownBasedOnPodPriority 23a- 24b+
HPAConfigurableTolerance 33a- 35b+
HPAScaleToZero 16a-
HostnameOverride 34a- 35b+
ImageMaximumGCAge 29a- 30b+ 35g+!
ImageVolume 31a- 33b- 35b+ 36g+!
ImageVolumeWithDigest 35a-
InOrderInformers 33b+ 36g+!
InOrderInformersBatchProcess 35b+
InPlacePodLevelResourcesVerticalScaling 35a- 36b+
InPlacePodVerticalScaling 27a- 33b+ 35g+!
InPlacePodVerticalScalingExclusiveCPUs 32a-
InPlacePodVerticalScalingExclusiveMemory 34a-
InPlacePodVerticalScalingInitContainers 36b+
InformerResourceVersion 30a- 35g+
JobBackoffLimitPerIndex 28a- 29b+ 33g+!
JobManagedBy 30a- 32b+ 35g+!
JobPodReplacementPolicy 28a- 29b+ 34g+!
JobSuccessPolicy 30a- 31b+ 33g+!
KMSv1 0g+ 28d+ 29d-
KubeletCgroupDriverFromCRI 28a- 31b+ 34g+!
KubeletCrashLoopBackOffMax 32a- 35b+
KubeletEnsureSecretPulledImages 33a- 35b+
KubeletFineGrainedAuthz 32a- 33b+ 36g+!
KubeletInUserNamespace 22a-
KubeletPSI 33a- 34b+ 36g+!
KubeletPodResourcesDynamicResources 27a- 34b+ 36g+!
KubeletPodResourcesGet 27a- 34b+ 36g+!
KubeletPodResourcesListUseActivePods 0g- 34d+
KubeletRegistrationGetOnExistsOnly 0g+ 32d-
KubeletSeparateDiskGC 29a- 31b+
KubeletServiceAccountTokenForCredentialProviders 33a- 34b+
KubeletTracing 25a- 27b+ 34g+!
ListFromCacheSnapshot 33a- 34b+
LocalStorageCapacityIsolationFSQuotaMonitoring 15a- 31b-
LogarithmicScaleDown 21a- 22b+ 31g+!
LoggingAlphaOptions 24a-
LoggingBetaOptions 24b+
ManifestBasedAdmissionControlConfig 36a-
MatchLabelKeysInPodAffinity 29a- 31b+ 33g+!
MatchLabelKeysInPodTopologySpread 25a- 27b+
MatchLabelKeysInPodTopologySpreadSelectorMerge 34b+
MaxUnavailableStatefulSet 24a- 35b-
MemoryQoS 22a-
MultiCIDRServiceAllocator 27a- 31b- 33g+ 34g+!
MutableCSINodeAllocatableCount 33a- 34b- 35b+ 36g+!
MutablePVNodeAffinity 35a-
MutablePodResourcesForSuspendedJobs 35a- 36b+
MutableSchedulingDirectivesForSuspendedJobs 35a- 36b+
MutatingAdmissionPolicy 32a- 34b- 36g+
NFTablesProxyMode 29a- 31b+ 33g+!
NativeHistograms 36a-
NodeDeclaredFeatures 35a- 36b+
NodeInclusionPolicyInPodTopologySpread 25a- 26b+ 33g+!
NodeLogQuery 27a+ 30b+ 36g+!
NodeSwap 22a- 28b- 30b+ 34g+!
NominatedNodeNameForExpectation 34a- 35b+
OpenAPIEnums 23a- 24b+
OpportunisticBatching 35b+
OrderedNamespaceDeletion 30b- 33b+ 34g+!
PLEGOnDemandRelist 36b+
PersistentVolumeClaimUnusedSinceTime 36a-
PodAndContainerStatsFromCRI 23a-
PodCertificateRequest 34a- 35b-
PodDeletionCost 21a- 22b+
PodLevelResourceManagers 36a-
PodLevelResources 32a- 34b+
PodLifecycleSleepAction 29a- 30b+ 34g+!
PodLifecycleSleepActionAllowZero 32a- 33b+ 34g+!
PodLogsQuerySplitStreams 32a-
PodObservedGenerationTracking 33a- 34b+ 35g+!
PodReadyToStartContainersCondition 28a- 29b+
PodSchedulingReadiness 26a- 27b+ 30g+!
PodTopologyLabelsAdmission 33a- 35b+
PodsAPI 36a-
PortForwardWebsockets 30a- 31b+
PreferSameTrafficDistribution 33a- 34b+ 35g+!
PreventStaticPodAPIReferences 34b+
ProcMountType 12a- 31b- 33b+ 36g+!
QOSReserved 11a-
RecoverVolumeExpansionFailure 23a- 32b+ 34g+!
RecursiveReadOnlyMounts 30a- 31b+ 33g+!
ReduceDefaultCrashLoopBackOffDecay 33a-
RelaxedDNSSearchValidation 32a- 33b+ 34g+!
RelaxedEnvironmentVariableValidation 30a- 32b+ 34g+!
RelaxedServiceNameValidation 34a- 36b+
ReloadKubeletClientCAFile 36b+
ReloadKubeletServerCertificateFile 31b+
RemoteRequestHeaderUID 32a- 33b+
ResilientWatchCacheInitialization 31b+ 34g+!
ResourceHealthStatus 31a- 36b+
ResourceHealthStatusMessage 36b+
RestartAllContainersOnContainerExits 35a- 36b+
RetryGenerateName 30a- 31b+ 32g+!
RotateKubeletServerCertificate 7a- 12b+
RuntimeClassInImageCriApi 29a-
SELinuxChangePolicy 32a- 33b+ 36g+!
SELinuxMount 30a- 33b-
SELinuxMountReadWriteOncePod 25a- 27b- 28b+ 36g+!
SchedulerAsyncAPICalls 34b-
SchedulerAsyncPreemption 32a- 33b+
SchedulerPopFromBackoffQ 33b+
SchedulerQueueingHints 28b- 32b+ 34g+!
SeparateCacheWatchRPC 28b+ 33d- 36d-!
SeparateTaintEvictionController 29b+ 34g+!
ServiceAccountNodeAudienceRestriction 32b- 33b+
ServiceAccountTokenJTI 29a- 30b+ 32g+!
ServiceAccountTokenNodeBinding 29a- 31b+ 33g+!
ServiceAccountTokenNodeBindingValidation 29a- 30b+ 32g+!
ServiceAccountTokenPodNodeInfo 29a- 30b+ 32g+!
ServiceCIDRStatusFieldWiping 0g- 36d+
ShardedListAndWatch 36a-
SidecarContainers 28a- 29b+ 33g+!
SizeBasedListCostEstimate 34b+
StaleControllerConsistencyDaemonSet 36b+
StaleControllerConsistencyJob 36b+
StaleControllerConsistencyReplicaSet 36b+
StaleControllerConsistencyStatefulSet 36b+
StatefulSetSemanticRevisionComparison 0b+
StorageCapacityScoring 33a-
StorageNamespaceIndex 30b+ 33d+
StorageVersionAPI 20a-
StorageVersionHash 14a- 15b+
StorageVersionMigrator 30a- 35b-
StreamingCollectionEncodingToJSON 33b+ 34g+!
StreamingCollectionEncodingToProtobuf 33b+ 34g+!
StrictIPCIDRValidation 33a- 36b+
StructuredAuthenticationConfiguration 29a- 30b+ 34g+!
StructuredAuthenticationConfigurationEgressSelector 34b+
StructuredAuthenticationConfigurationJWKSMetrics 35b+
SupplementalGroupsPolicy 31a- 33b+ 35g+!
SystemdWatchdog 32b+ 35g+!
TaintTolerationComparisonOperators 35a-
TokenRequestServiceAccountUIDValidation 34b+
TopologyAwareWorkloadScheduling 36a-
TopologyManagerPolicyAlphaOptions 26a-
TopologyManagerPolicyBetaOptions 26b- 28b+
TopologyManagerPolicyOptions 26a- 28b+ 32g+!
TranslateStreamCloseWebsocketRequests 29a- 30b+
UnauthenticatedHTTP2DOSMitigation 25b- 29b+
UnknownVersionInteroperabilityProxy 28a- 36b+
UnlockWhileProcessingFIFO 36b+
UserNamespacesHostNetworkSupport 35a-
UserNamespacesSupport 25a- 30b- 33b+ 36g+!
VolumeAttributesClass 29a- 31b- 34g+ 36g+!
VolumeLimitScaling 35a-
WatchCacheInitializationPostStartHook 31b- 36b+
WatchList 27a- 32b+ 33b- 34b+
WatchListClient 30b- 35b+
WinDSR 14a- 33b+ 34g+!
WinOverlay 14a- 20b+ 34g+!
WindowsCPUAndMemoryAffinity 32a-
WindowsGracefulNodeShutdown 32a- 34b+
WindowsHostNetwork 26a- 33d-
WorkloadAwarePreemption 36a-
WorkloadWithJob 36a-
`
