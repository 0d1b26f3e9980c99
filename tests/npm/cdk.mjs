// Synthesises the stack below with the AWS CDK, as its first and as a second revision, and prints their CloudFormation
// templates as JSON, beside the types that the library has of Transfer Family. What the stack is made with (keys, a
// certificate) comes as JSON on standard input. See tests/infrastructure/test_cdk.py.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import cdk from "aws-cdk-lib";

// The library knows the resources' schemas: a template that they do not allow is an error.
const context = { "@aws-cdk/core:validateAgainstDefaultRules": true };
const { aws_iam: iam, aws_s3: s3, aws_transfer: transfer } = cdk;

class FilesStack extends cdk.Stack {
  constructor(scope, id, { revision, ...made }) {
    super(scope, id);
    this.changed = revision === 2;
    cdk.Tags.of(this).add("team", this.changed ? "green" : "blue");
    this.storage();
    this.server(made);
    this.as2(made);
    this.others(made);
  }

  storage() {
    this.bucket = new s3.Bucket(this, "Bucket", { versioned: true, removalPolicy: cdk.RemovalPolicy.DESTROY });
    new s3.Bucket(this, "Archive", { removalPolicy: cdk.RemovalPolicy.RETAIN });
    const assumedBy = new iam.ServicePrincipal("transfer.amazonaws.com");
    this.role = new iam.Role(this, "Role", { assumedBy, description: "what users may do" });
    this.bucket.grantReadWrite(this.role);
    this.logging = new iam.Role(this, "Logging", {
      assumedBy,
      inlinePolicies: {
        logs: new iam.PolicyDocument({
          statements: [
            new iam.PolicyStatement({
              actions: ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents"],
              resources: [this.formatArn({ service: "logs", resource: "log-group", resourceName: "*" })],
            }),
          ],
        }),
      },
    });
  }

  server({ keys, hostKey }) {
    this.workflow = new transfer.CfnWorkflow(this, "Workflow", {
      description: this.changed ? "marks and copies" : "marks",
      steps: [
        { type: "TAG", tagStepDetails: { Name: "seen", Tags: [{ Key: "state", Value: "new" }] } },
        {
          type: "COPY",
          copyStepDetails: {
            Name: "copy",
            DestinationFileLocation: {
              S3FileLocation: { Bucket: this.bucket.bucketName, Key: "copies/${transfer:UserName}/" },
            },
            OverwriteExisting: "TRUE",
            SourceFileLocation: "${original.file}",
          },
        },
      ],
      onExceptionSteps: [{ type: "DELETE", deleteStepDetails: { Name: "drop", SourceFileLocation: "${original.file}" } }],
    });
    this.files = new transfer.CfnServer(this, "Server", {
      domain: "S3",
      endpointType: "PUBLIC",
      identityProviderType: "SERVICE_MANAGED",
      protocols: ["SFTP"],
      loggingRole: this.logging.roleArn,
      structuredLogDestinations: [
        cdk.Fn.sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/files/sftp:*"),
      ],
      securityPolicyName: this.changed ? "TransferSecurityPolicy-2025-03" : "TransferSecurityPolicy-2024-01",
      preAuthenticationLoginBanner: this.changed ? undefined : "welcome",
      s3StorageOptions: { directoryListingOptimization: "ENABLED" },
      tags: [{ key: "transfer:customHostname", value: "files.example.com" }],
    });
    new transfer.CfnUser(this, "Ann", {
      serverId: this.files.attrServerId,
      userName: "ann",
      role: this.role.roleArn,
      homeDirectoryType: "LOGICAL",
      homeDirectoryMappings: [
        { entry: "/", target: cdk.Fn.join("/", ["", this.bucket.bucketName, this.changed ? "ann2" : "ann"]) },
      ],
      sshPublicKeys: this.changed ? [keys[0], keys[2]] : [keys[0], keys[1]],
    });
    new transfer.CfnUser(this, "Bob", {
      // What comes after the last slash of a server's ARN, which is its Ref, is its identifier.
      serverId: cdk.Fn.select(1, cdk.Fn.split("/", this.files.ref)),
      userName: "bob",
      role: this.role.roleArn,
      homeDirectory: `/${this.bucket.bucketName}/bob`,
      policy: this.toJsonString({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: this.bucket.arnForObjects("bob/*") }],
      }),
    });
    new transfer.CfnHostKey(this, "HostKey", {
      serverId: this.files.attrServerId,
      hostKeyBody: hostKey,
      description: this.changed ? "the old key" : "of the server before",
    });
    new cdk.CfnOutput(this, "ServerId", { value: this.files.attrServerId });
    new cdk.CfnOutput(this, "Host", {
      value: `${this.files.attrServerId}.server.transfer.${this.region}.${this.urlSuffix}`,
    });
  }

  as2({ certificate, privateKey }) {
    const own = new transfer.CfnCertificate(this, "Certificate", {
      usage: "SIGNING",
      certificate,
      privateKey,
      description: this.changed ? "signing" : "signs",
    });
    const local = new transfer.CfnProfile(this, "Us", {
      as2Id: "us",
      profileType: "LOCAL",
      certificateIds: this.changed ? [] : [own.attrCertificateId],
    });
    const partner = new transfer.CfnProfile(this, "Them", { as2Id: "them", profileType: "PARTNER" });
    new transfer.CfnAgreement(this, "Agreement", {
      serverId: this.files.attrServerId,
      localProfileId: local.attrProfileId,
      partnerProfileId: partner.ref,
      accessRole: this.role.roleArn,
      baseDirectory: `/${this.bucket.bucketName}/as2`,
      status: this.changed ? "INACTIVE" : "ACTIVE",
    });
    new transfer.CfnConnector(this, "As2Connector", {
      url: this.changed ? "https://new.example.com" : "https://partner.example.com",
      accessRole: this.role.roleArn,
      as2Config: {
        LocalProfileId: local.attrProfileId,
        PartnerProfileId: partner.attrProfileId,
        Compression: "ZLIB",
        EncryptionAlgorithm: "AES256_CBC",
        SigningAlgorithm: "SHA256",
        MdnSigningAlgorithm: "DEFAULT",
        MdnResponse: "SYNC",
      },
    });
  }

  others({ partnerKey }) {
    const connector = new transfer.CfnConnector(this, "SftpConnector", {
      url: "sftp://partner.example.com",
      accessRole: this.role.roleArn,
      sftpConfig: {
        userSecretId: "aws/transfer/partner",
        trustedHostKeys: [partnerKey],
        maxConcurrentConnections: this.changed ? 4 : 2,
      },
    });
    connector.addResourceDependency(this.files);
    new transfer.CfnServer(this, "Directory", {
      endpointType: "VPC",
      endpointDetails: { vpcId: "vpc-0123456789abcdef0", subnetIds: ["subnet-0123456789abcdef0"] },
      identityProviderType: "AWS_DIRECTORY_SERVICE",
      identityProviderDetails: { directoryId: "d-0123456789" },
      protocols: ["SFTP"],
      workflowDetails: { onUpload: [{ workflowId: this.workflow.attrWorkflowId, executionRole: this.role.roleArn }] },
    });
    new transfer.CfnWebApp(this, "WebApp", {
      identityProviderDetails: {
        instanceArn: "arn:aws:sso:::instance/ssoins-0123456789abcdef",
        role: this.role.roleArn,
      },
      webAppUnits: { provisioned: this.changed ? 2 : 1 },
      webAppCustomization: { title: this.changed ? "Our files" : "Files", logoFile: "bG9nbw==" },
    });
  }
}

function synthesised(made) {
  const outdir = mkdtempSync(join(tmpdir(), "cdk-"));
  try {
    const app = new cdk.App({ outdir, context });
    const stacks = [1, 2].map((revision) => new FilesStack(app, `Files${revision}`, { ...made, revision }));
    const assembly = app.synth();
    return stacks.map((stack) => assembly.getStackByName(stack.stackName).template);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

const made = JSON.parse(readFileSync(0, "utf8"));
const types = Object.values(transfer).flatMap((one) => one?.CFN_RESOURCE_TYPE_NAME ?? []);
process.stdout.write(JSON.stringify({ types, templates: synthesised(made) }), () => process.exit(0));
